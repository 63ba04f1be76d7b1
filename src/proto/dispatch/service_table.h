/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signatures of protocols without a parser: S(word in conn.service, transports, port
 * or 0, pattern). T is TCP, U UDP, B both; service.h says how patterns are written. The
 * first that matches counts, so those that say more stand first.
 */
#ifndef DWELL_PROTO_SERVICE_TABLE_H
#define DWELL_PROTO_SERVICE_TABLE_H

// clang-format off
/* Text: what a client or server says first. */
#define SERVICE_TEXT(S) \
	S("rsync", T, 0, "'@RSYNCD: '") \
	S("svn", T, 0, "'( success ( '") \
	S("svn", T, 0, "'( 2 ( edit-'") \
	S("git", T, 0, "'00' .. .. 'git-'") \
	S("xmpp", T, 0, "'<?xml ' *'jabber:'") \
	S("xmpp", T, 0, "'<stream:stream' *'jabber:'") \
	S("nntp", T, 119, "'20' 30-31 ' '") \
	S("nntp", T, 0, "'20' 30-31 ' ' *'NNTP'") \
	S("whois", T, 43, "'% '") \
	S("whois", T, 43, "'Domain '") \
	S("ident", T, 113, "30-39 *' : USERID : '") \
	S("finger", T, 79, "'/W'") \
	S("finger", T, 79, "'Login' *'Name'") \
	S("rtsp", T, 0, "'RTSP/' 31-32 '.'") \
	S("rtsp", T, 0, "'OPTIONS rtsp'") \
	S("rtsp", T, 0, "'DESCRIBE rtsp'") \
	S("rtsp", T, 0, "'ANNOUNCE rtsp'") \
	S("rtsp", T, 0, "'SETUP rtsp'") \
	S("rtsp", T, 0, "'PLAY rtsp'") \
	S("rtsp", T, 0, "'GET_PARAMETER rtsp'") \
	S("rtsp", T, 0, "'SET_PARAMETER rtsp'") \
	S("mgcp", U, 0, "'RSIP ' *'MGCP '") \
	S("mgcp", U, 0, "'AUEP ' *'MGCP '") \
	S("mgcp", U, 0, "'AUCX ' *'MGCP '") \
	S("mgcp", U, 0, "'CRCX ' *'MGCP '") \
	S("mgcp", U, 0, "'MDCX ' *'MGCP '") \
	S("mgcp", U, 0, "'DLCX ' *'MGCP '") \
	S("mgcp", U, 0, "'EPCF ' *'MGCP '") \
	S("mgcp", U, 0, "'NTFY ' *'MGCP '") \
	S("mgcp", U, 0, "'RQNT ' *'MGCP '") \
	S("mgcp", U, 2427, "31-35 30-39 30-39 ' ' 30-39") \
	S("megaco", B, 0, "'!/' 31-33 ' ' *'{'") \
	S("megaco", B, 0, "'!/' 31-33 ' ' *'='") \
	S("megaco", B, 0, "'MEGACO/'") \
	S("ssdp", U, 0, "'M-SEARCH * '") \
	S("ssdp", U, 0, "'NOTIFY * HTTP'") \
	S("ssdp", U, 0, "'HTTP/1.1 200 '") \
	S("wsd", U, 3702, "'<' *'Envelope'") \
	S("wsd", U, 3702, "'<?xml'") \
	S("tivoconnect", B, 0, "'TiVoConnect='") \
	S("nats", T, 0, "'INFO {' *'server_'") \
	S("nats", T, 0, "'CONNECT {'") \
	S("stomp", T, 0, "'STOMP' 0a") \
	S("stomp", T, 0, "'CONNECT' 0a") \
	S("stomp", T, 0, "'CONNECTED' 0a") \
	S("munin", T, 0, "'# munin node at '") \
	S("munin", T, 0, "'cap multigraph'") \
	S("checkmk", T, 0, "'<<<check_mk>>>'") \
	S("kismet", T, 0, "'*KISMET: '") \
	S("ceph", T, 0, "'ceph v'") \
	S("mining", T, 0, "'{' *'\"mining.'") \
	S("mining", T, 0, "'{' *'eth_submitLogin'") \
	S("mining", T, 0, "'{' *'\"login\"' *'\"agent\"'") \
	S("mining", T, 0, "'{' *'\"eth_getWork\"'") \
	S("json_rpc", T, 0, "'{' *'\"jsonrpc\"'") \
	S("dropbox", U, 17500, "'{' *'\"host_int\"'") \
	S("dropbox", U, 17500, "'{\"version\"'") \
	S("fix", T, 0, "'8=FIX' *'9='") \
	S("fix", T, 0, "'8=O' 01 '9='") \
	S("hl7", T, 0, "0b 'MSH|'") \
	S("haproxy", T, 0, "'PROXY TCP' 34-36 ' '") \
	S("haproxy", T, 0, "0d 0a 0d 0a 00 0d 0a 'QUIT' 0a") \
	S("syslog", T, 514, "'<' 30-31 30-39 *'>'") \
	S("rsh", T, 514, "30-39 30-39 30-39 @-1 00") \
	S("nomachine", T, 0, "'NXSH-'") \
	S("nomachine", T, 0, "'NXD-'") \
	S("ookla", T, 0, "'HI ' @11 '-' @16 '-'") \
	S("ookla", T, 8080, "'HI' 0a $") \
	S("ookla", T, 0, "'HELLO ' 30-39 '.' 30-39 ' ('") \
	S("ssh", T, 0, "'SSH-2.0-'")

/* Names and magic numbers at fixed places. */
#define SERVICE_MAGIC(S) \
	S("zabbix", T, 0, "'ZBXD' 01") \
	S("bgp", T, 0, "ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 00-10 .. 01-05") \
	S("ethereum", U, 30303, "@96 00-01 01-06 c0-ff") \
	S("bfd", U, 3784, "20-3f .. .. 18 @24 $") \
	S("tuya", B, 0, "00 00 55 aa") \
	S("avast", T, 0, "'NOSA' 00") \
	S("bjnp", U, 0, "'BJNP' 00-8f") \
	S("bjnp", U, 0, "'MFNP' 00-8f") \
	S("can", U, 0, "'ISO11898'") \
	S("ripe_atlas", B, 0, "'MGLNDD_'") \
	S("alicloud", T, 0, "ce fa be ba") \
	S("discord", U, 0, "13 37 ca fe") \
	S("discord", U, 0, "00 01-02 00 46 @74 $") \
	S("photon", U, 0, "ff ff 00 01 @12 02 ff 01 04 00 00 00 2c") \
	S("photon", U, 0, "@12 01 ff 00 00 00 00 00 14 00 00 00 00 00") \
	S("raknet", U, 0, "05-07 00 ff ff 00 fe fe fe fe fd fd fd fd 12 34 56 78") \
	S("raknet", U, 0, "7b 00 ff ff 00 fe fe fe fe fd fd fd fd 12 34 56 78") \
	S("raknet", U, 0, "01 @9 00 ff ff 00 fe fe fe fe fd fd fd fd 12 34 56 78") \
	S("zug", U, 0, "00 'zUG'") \
	S("source_engine", U, 0, "ff ff ff ff 54 'Source Engine Query'") \
	S("steam", U, 0, "ff ff ff ff 21 4c 5f a0") \
	S("steam_datagram_relay", U, 0, "01 81 'sdping'") \
	S("spotify", U, 0, "'SpotUdp0'") \
	S("syncthing", B, 0, "2e a7 d9 0b") \
	S("roughtime", U, 0, "@8 'NONC'") \
	S("roughtime", U, 0, "@20 'SIG' 00 'PATH'") \
	S("roughtime", U, 0, "'ROUGHTIM'") \
	S("dnscrypt", U, 0, "'r6fnvWj8'") \
	S("dlep", U, 0, "'DLEP' 00") \
	S("dlep", T, 854, "00 01-0f N2") \
	S("fins", T, 0, "'FINS' 00 00") \
	S("fins", U, 9600, "80-c1 00 02 00") \
	S("capwap", U, 0, "01 00 00 00 14-17 fe fd-ff") \
	S("capwap", U, 5246, "00 .. .. .. 00 00 00 00") \
	S("epicgames", U, 0, ".. 1a 20 .. 08 98 22 65 74") \
	S("teamspeak", U, 0, "'TS3INIT1'") \
	S("teamspeak", U, 0, "01 80 84 01") \
	S("pptp", T, 0, "@2 00 01 1a 2b 3c 4d") \
	S("lustre", T, 988, "'cirE'") \
	S("lustre", T, 988, "00 71 ce ac") \
	S("lustre", T, 988, ".. 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00") \
	S("monero", T, 0, "01 21 01 01 01 01 01 01") \
	S("starcraft", T, 1119, "4a 00 00 0a .. 02 0a ed") \
	S("tencent_games", T, 0, "33 66 00 0b 00 0b 10 01") \
	S("tencent_games", T, 0, "43 66 00 aa 00 00 00 00") \
	S("world_of_warcraft", T, 0, ".. .. 'WORLD OF WARCRAFT'") \
	S("atg", T, 10001, "01 'I' 30-39 30-39 30-39") \
	S("cod_mobile", U, 0, "@8 'ping' $") \
	S("corba", T, 0, "'GIOP' 01-02 00-03") \
	S("corba", U, 0, "'MIOP' 10") \
	S("cpha", U, 8116, "1a 90") \
	S("citrix", T, 0, "7f 7f 'ICA' 00") \
	S("ethersio", U, 0, "'ESIO' 00") \
	S("egd", U, 18246, "0d 01") \
	S("flute", U, 0, "10 *'FDT-Instance'") \
	S("gearman", T, 0, "00 'REQ' 00 00 00") \
	S("gearman", T, 0, "00 'RES' 00 00 00") \
	S("jrmi", T, 0, "'JRMI' 00 02 4b-4d") \
	S("meraki_cloud", U, 0, "fe f7 28 91") \
	S("mpeg_ts", U, 0, "47 @188 47 @376 47 @564 47") \
	S("nano", T, 0, "'RC' 10-20 10-20 10-20") \
	S("nomachine", U, 4000, "01-02 00 01 00 0a 00 00 00 00 00 $") \
	S("openwire", T, 0, "@5 'ActiveMQ'") \
	S("rtps", U, 0, "'RTPS' 01-02") \
	S("tailscale", U, 0, "'TS' f0 9f 92 ac") \
	S("yojimbo", U, 0, "00 'NETCODE 1.0'") \
	S("whatsapp", T, 0, "'WA' 01-06 00-20 00 00") \
	S("whatsapp", T, 0, "'ED' 00 01") \
	S("stun", T, 0, "00-01 .. .. .. 21 12 a4 42") \
	S("stun", T, 0, "N2 00-01 .. .. .. 21 12 a4 42") \
	S("wireguard", U, 0, "04 00 00 00 @12 00 00 00 00") \
	S("teamviewer", T, 0, "17 24 0a 20 00 00") \
	S("teamviewer", T, 0, "11 30 36 00 .. 00 00 00") \
	S("teamviewer", U, 5938, "@11 17 24") \
	S("x11", T, 0, "6c 00 0b 00 00 00") \
	S("x11", T, 0, "42 00 00 0b 00 00") \
	S("rmcp", U, 623, "06 00 ff 06-07") \
	S("eaq", U, 6000, "00 00 00 00 00 00 .. .. 00 .. .. .. 00 00 .. 00 $") \
	S("oicq", U, 8000, "02 .. .. 00 @-1 03") \
	S("softether", U, 0, "'IP=' *',PORT='") \
	S("genshin_impact", U, 0, "00 00 01 45 @16 14 51 45 45") \
	S("among_us", U, 22023, "08 00 01 00") \
	S("crynetwork", U, 0, "87 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00") \
	S("sd_rtn", U, 0, "00 @12 04 'SNI' 00") \
	S("sd_rtn", U, 0, "00 @12 04 'PEID'") \
	S("heroes_of_the_storm", U, 0, "00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 ..") \
	S("viber", U, 0, ".. .. 01 00 05 00 ..") \
	S("trdp", B, 0, "@4 01 00 4d 6b-72") \
	S("trdp", B, 0, "@4 01 00 50 64-72") \
	S("drda", T, 0, "@2 d0 @8 10 41") \
	S("drda", T, 0, "@2 d0 @8 14 43") \
	S("activision", U, 3074, "0c-0d 02 00 @29 $") \
	S("mumble", U, 64738, "00 00 00 00 @12 $") \
	S("radmin", T, 4899, "01 00 00 00 .. 00 00 ..") \
	S("raft", T, 0, "01 00 00 00 00 00 00 00 .. 00 00 00 00 00 00 00 .. 00 00 00 00 00 00 00") \
	S("raft", T, 0, "01 00 00 00 00 00 00 00 .. 00 00 00 00 00 00 00 .. 00 00 00") \
	S("rtmp", T, 0, "03 .. .. .. .. 00 00 00 00") \
	S("rtmp", T, 1935, "03 .. .. .. .. 00") \
	S("fastcgi", T, 0, "01 01 .. .. 00 08 00 00 00 01-03")

/* Lengths that fit, beside a version or a type. */
#define SERVICE_LENGTH(S) \
	S("ssl", T, 0, "14-17 03 00-03 N2") \
	S("openvpn", U, 0, "38 @9 00 00 00 00 00 $") \
	S("openvpn", U, 0, "38 @29 00 00 00 01 .. .. .. .. 00 00 00 00 00") \
	S("openvpn", U, 0, "40 @9 01 00 00 00 00") \
	S("openvpn", U, 0, "40 @29 00 00 00 01 .. .. .. .. 01 00 00 00 00") \
	S("openvpn", T, 0, "N2 38 @11 00 00 00 00 00 $") \
	S("openvpn", T, 0, "N2 38 @31 00 00 00 01 .. .. .. .. 00 00 00 00 00") \
	S("openvpn", T, 0, "N2 40 @11 01 00 00 00 00") \
	S("elasticsearch", T, 0, "'ES' N4") \
	S("cassandra", T, 0, "03-05 .. .. .. 05 00 00 00 00 $") \
	S("cassandra", T, 0, "03-05 .. .. .. 01 N4 *'CQL_VERSION'") \
	S("cassandra", T, 9042, "83-85 .. .. .. 06 N4") \
	S("cassandra", T, 0, "ca 55 2d fa") \
	S("kafka", T, 9092, "N4 00 00-43 00 00-14") \
	S("zookeeper", T, 0, "00 00 00 2c-2d 00 00 00 00 00 00 00 00") \
	S("zookeeper", T, 2181, "'ruok'") \
	S("zookeeper", T, 2181, "'mntr'") \
	S("zookeeper", T, 2181, "'srvr'") \
	S("skinny", T, 2000, "n4+4 .. 00 00 00") \
	S("h323", T, 1720, "03 00 N2-4 08 01-02") \
	S("h323", T, 1720, "03 00 00 .. $") \
	S("h323", T, 0, "03 00 N2-4 02 70") \
	S("h323", T, 0, "03 00 N2-4 01 00 06 00 08 81 75") \
	S("h323", U, 1719, "00-7f 80-ff .. .. 00-06 00 08 91 4a") \
	S("coap", U, 5683, "40-48 00-05") \
	S("coap", U, 5683, "40-48 41-45") \
	S("coap", U, 5683, "50-58 00-05") \
	S("coap", U, 5683, "60-68 41-45") \
	S("coap", U, 5683, "60 00 .. .. $") \
	S("nest_log_sink", T, 0, "n2 00 13") \
	S("hp_virtgrp", T, 5223, "16-17 00 n2-4") \
	S("tplink_shp", U, 9999, "d0 f2 80-9f e0-ff") \
	S("tplink_shp", T, 9999, "N4 d0 f2 80-9f e0-ff") \
	S("ubntac2", U, 10001, "01-02 .. N2") \
	S("kcp", U, 0, "@4 51-54 @20 n4") \
	S("collectd", U, 25826, "00 00 00 04-80 20-7e") \
	S("rx", U, 0, "@8 00 00 00 01 00 00 00 01 00 00 00 01 01 04-05") \
	S("rx", U, 7001, "@8 00 00 00 .. 00 00 00 .. 00 00 00 .. 01-0d") \
	S("hislip", T, 0, "'HS' 00-1a .. @8 00 00 00 00") \
	S("hsrp", U, 1985, "00-01 00-03 00-10 .. .. .. .. 00 @20 $") \
	S("ptp", U, 319, "00-1f 02-12 00 22-80") \
	S("ptp", U, 320, "00-1f 02-12 00 22-80") \
	S("uftp", U, 1044, "30-5f 01-14 @4 .. .. .. 00-01") \
	S("ajp", T, 0, "12 34 N2") \
	S("ajp", T, 0, "41 42 N2") \
	S("ldp", B, 646, "00 01 N2") \
	S("lisp", T, 4342, "00 10-15 N2-4") \
	S("lisp", U, 4342, "10-4f 00 00 01") \
	S("srvloc", B, 427, "01 01-0b N2-4") \
	S("srvloc", B, 427, "02 01-0b 00 N2-5") \
	S("tes_online", T, 0, "N4 00 01 00 01 N4") \
	S("tes_online", T, 0, "N4 00 01 00 01 00 00 ..") \
	S("afp", T, 548, "00-01 01-08 .. .. .. .. .. .. N4+4 00 00 00 00") \
	S("beckhoff_ads", T, 48898, "00 00 n4") \
	S("bfcp", B, 5070, "20 01-12 00 00-40 00 00") \
	S("c1222", B, 1153, "60 N1 a2") \
	S("cnp_ip", U, 1628, "N2-2 01") \
	S("diameter", T, 3868, "01 00 N2-4") \
	S("dlms", B, 0, "7e a0 N1-1 @-1 7e") \
	S("edonkey", T, 0, "e3 n4 01-ff") \
	S("edonkey", T, 0, "c5 n4 01-ff") \
	S("ether_s_bus", U, 5050, "N4-4 00-01 00") \
	S("gtp_c", U, 2123, "40-5f .. N2") \
	S("gtp_c", U, 2123, "30-3f .. N2+4") \
	S("gtp_prime", U, 3386, "0e-5f f0 N2+2") \
	S("iax", U, 4569, "80-ff .. .. .. .. .. .. .. 00-01 00-01 06 01-28") \
	S("knxnet_ip", B, 0, "06 10 02-09 01-60 00 06-ff") \
	S("netflow", U, 0, "00 0a N2-4 40-7f") \
	S("netflow", U, 2055, "00 05 00 01-1e") \
	S("netflow", U, 2055, "00 09 00") \
	S("sflow", U, 0, "00 00 00 05 00 00 00 01-02") \
	S("openflow", T, 6653, "01-06 00 N2-4") \
	S("openflow", T, 6633, "01-06 00 N2-4") \
	S("oracle", T, 0, "N2-2 00 00 01 00 *'(DESCRIPTION='") \
	S("oracle", T, 1521, "N2-2 00 00 01-0e 00") \
	S("pfcp", U, 8805, "20-23 .. N2") \
	S("smpp", T, 0, "N4-4 00 00 00 01-15 00 00 00 00 00 00 00") \
	S("smpp", T, 0, "N4-4 80 00 00 01-15 00 00 00") \
	S("someip", U, 0, "@4 N4 .. .. .. .. 01 .. 00-a1 00-5f") \
	S("thrift", T, 0, "80 01 00 01-04 00 00") \
	S("thrift", U, 0, "82 21-8f *'Batch'") \
	S("xdmcp", U, 177, "00 01 00 01-0d N2") \
	S("z3950", T, 0, "b4-b5 N1 83 02") \
	S("z3950", T, 0, "b4-b5 .. 83 02 .. .. 84") \
	S("netbios", U, 137, "@12 20 41-50 41-50 41-50 41-50") \
	S("netbios", U, 138, "10-16 .. .. .. .. .. .. .. 00 8a") \
	S("rtcp", U, 0, "80-81 c8-c9 00 01-0c") \
	S("rtp", U, 0, "80 00 @172 $") \
	S("rtp", U, 0, "80 08 @172 $") \
	S("rtp", U, 0, "80 80 @172 $") \
	S("rtp", U, 0, "80 88 @172 $") \
	S("rtp", U, 0, "80 08 @92 $") \
	S("rtp", U, 0, "80 12 @32 $")

#define SERVICE_TABLE(S) \
	SERVICE_TEXT(S) \
	SERVICE_MAGIC(S) \
	SERVICE_LENGTH(S)
// clang-format on

#endif
