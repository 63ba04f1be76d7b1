# SPDX-License-Identifier: Apache-2.0
"""Which of our words for a service stand for which protocol of nDPI, and why some can not."""

WORDS = {
    'TLS': 'ssl', 'IMAPS': 'ssl imap', 'POPS': 'ssl pop3', 'SMTPS': 'ssl smtp', 'FTPS': 'ssl ftp',
    'MDNS': 'dns', 'LLMNR': 'dns', 'AVASTSecureDNS': 'dns dnscrypt', 'Radius': 'radius', 'Kerberos': 'krb',
    'SMBv1': 'smb', 'SMBv23': 'smb', 'NetBIOS': 'netbios dns smb', 'DHCPV6': 'dhcpv6', 'DCERPC': 'dce_rpc',
    'PROFINET_IO': 'profinet', 'IPSec': 'ike', 'SRTP': 'rtp', 'EthernetIP': 'enip', 'IEC60870': 'iec104',
    'IEEE-C37118': 'synchrophasor', 'ISO9506-1-MMS': 'mms', 'S7Comm': 's7comm', 'S7CommPlus': 's7comm_plus s7comm',
    'HART-IP': 'hart_ip', 'OPC-UA': 'opcua', 'CIP': 'cip_io', 'IEC62056': 'dlms', 'ANSI_C1222': 'c1222',
    'EthernetGlobalData': 'egd', 'BeckhoffADS': 'beckhoff_ads', 'Controller_Area_Network': 'can',
    'MsSQL-TDS': 'tds', 'RESP': 'redis', 'FTP_CONTROL': 'ftp', 'FTP_DATA': 'ftp-data', 'PTPv2': 'ptp',
    'HTTP_Proxy': 'http', 'HTTP_Connect': 'http', 'WebSocket': 'http', 'HTTP2': 'http2', 'MapleStory': 'http',
    'Usenet': 'nntp', 'Whois-DAS': 'whois', 'Jabber': 'xmpp', 'TruPhone': 'xmpp', 'CiscoSkinny': 'skinny',
    'Service_Location_Protocol': 'srvloc', 'RX': 'rx', 'TocaBoca': 'photon', 'i3D': 'discord',
    'TuyaLP': 'tuya', 'RipeAtlas': 'ripe_atlas', 'NestLogSink': 'nest_log_sink', 'AmongUs': 'among_us',
    'TencentGames': 'tencent_games', 'GenshinImpact': 'genshin_impact', 'MerakiCloud': 'meraki_cloud',
    'WorldOfWarcraft': 'world_of_warcraft', 'SteamDatagramRelay': 'steam_datagram_relay', 'NFS': 'nfs rpc portmap',
    'ApplePush': 'ssl', 'BitTorrent': 'bittorrent dht', 'UltraSurf': 'ssl', 'RSH': 'rsh rlogin',
}

# Encrypted from the first byte on, or without any constant bytes: what nDPI has is ports and lengths.
ENCRYPTED = {'ETHEREUM', 'Threema', 'LoLWildRift', 'TencentGames', 'Ookla', 'DingTalk', 'Viber'}
# Consumer games and calls whose bytes have nothing of their own but a few lengths.
WEAK = {'NetEaseGames', 'LineCall', 'GenshinImpact', 'IMO', 'iQIYI', 'Sonos', 'PathofExile', 'RakNet', 'TocaBoca',
        'GaijinEntertainment', 'CoD_Mobile', 'Dropbox', 'Viber', 'CloudflareWarp', 'UFTP', 'BFD', 'LISP',
        'Gnutella', 'Protobuf', 'HalfLife2', 'WhatsApp'}


# Kinds by which nDPI is right and we say nothing; all others say why ours is right, or that there is
# no message to be read. The test wants 97 % of the flows without those.
WEAKLY = 'nothing constant in the bytes but lengths and zeros: nDPI goes by these and by ports'
HIDDEN = "WireGuard with bytes put in front of the message's own: one kind of obfuscation nDPI knows"
HALF = 'uTP in one direction: a type and a version in one byte is all that tells'
XMPPS = 'encrypted, on the port of XMPP over TLS'
MISSED = (WEAKLY, HIDDEN, HALF, XMPPS)


def words(theirs):
    """Our words that a name of theirs may have."""
    found = set()
    for part in theirs.split('.'):
        found |= set(WORDS.get(part, part.lower().replace('-', '_')).split())
    return found


def reason(theirs, name, found, ours):
    """Why ours is right, or why there is none of ours; None: neither is known."""
    first = theirs.split('.')[0]
    payload = sum(c.get('src_bytes', 0) + c.get('dst_bytes', 0) for c in found)
    if not found:
        return None
    if payload == 0:
        return 'the connection carries nothing'
    if 'fuzz' in name:
        return 'a capture whose bytes were damaged on purpose: what is left is no message of the protocol'
    if first in ENCRYPTED and (not ours or 'encrypted' in ours):
        return 'encrypted from the first byte: nDPI goes by ports and lengths, we say encrypted or nothing'
    if first in WEAK and not ours:
        return WEAKLY
    if 'heuristic_tcp_ack_payload' in name and not ours:
        return 'two or six zeros as the payload of an acknowledgement: padding, which nDPI names by its port'
    if first == 'RTMP' and 'rtmp' not in ours:
        return "IP packets in frames of another protocol ('0' ff LENGTH, then 45): no RTMP"
    if first == 'WireGuard' and 'tunnelbear' in name:
        return HIDDEN
    if first == 'BitTorrent' and found[0]['proto'] == 'udp' and not ours:
        return HALF
    if first == 'Jabber' and 'cloudflare' in name:
        return XMPPS
    if first in ('SRTP', 'DTLS') and 'stun' in ours:
        return 'media behind STUN on the same ports: the flow is named by what it begins with'
    if any('S' not in c.get('history', '') and c['proto'] == 'tcp' for c in found) and not ours:
        return 'begins in the middle of a TCP connection, where no message starts'
    return None
