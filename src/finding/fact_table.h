/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts that explain a finding, as data. A fact has a key, up to three values and a
 * stand: FOR the finding, AGAINST it, or CONTEXT. Sentences for each key, in every
 * language, are in report/; nothing here is prose.
 *
 * K(KEY, "key", STAND, KIND1, KIND2, KIND3, "meaning of the values")
 * Kinds: SPAN seconds, SHARE 0..1, NUM count, BYTES, REAL, TIME µs since 1970,
 * TEXT, NONE.
 */
#ifndef DWELL_FINDING_FACT_TABLE_H
#define DWELL_FINDING_FACT_TABLE_H

// clang-format off
/* what holds for any detector */
#define FACTS_SHARED(K) \
	K(RARE_PEER,     "rare_peer",     FOR,     NUM,   NUM,   NONE,  "hosts that use this peer, hosts in all") \
	K(NO_NAME,       "no_name",       FOR,     NONE,  NONE,  NONE,  "the peer was reached by address: no DNS answer, SNI or Host led there") \
	K(SELF_SIGNED,   "self_signed",   FOR,     NONE,  NONE,  NONE,  "the peer showed a certificate whose issuer is itself (B8)") \
	K(LASTING,       "lasting",       FOR,     NUM,   NUM,   NONE,  "days active, days from first to last") \
	K(LATE_PEER,     "late_peer",     FOR,     SPAN,  NONE,  NONE,  "the peer appeared this long after the host was first seen") \
	K(SAME_SIZE,     "same_size",     FOR,     SHARE, BYTES, BYTES, "share of connections with the same sizes, out, in") \
	K(UPLOAD,        "upload",        FOR,     BYTES, BYTES, NONE,  "bytes out, bytes in") \
	K(FAILING,       "failing",       FOR,     SHARE, NUM,   NONE,  "share of attempts without an answer, attempts") \
	K(COMMON_PEER,   "common_peer",   AGAINST, NUM,   NUM,   NONE,  "hosts that use this peer, hosts in all") \
	K(USUAL_SERVICE, "usual_service", AGAINST, TEXT,  NONE,  NONE,  "a service whose clients are clockwork everywhere: time, name resolution …") \
	K(OPEN_SERVICE,  "open_service",  AGAINST, NUM,   NONE,  NONE,  "inbound: other addresses that also open connections to this port of the host") \
	K(NO_ANSWER,     "no_answer",     AGAINST, NUM,   NONE,  NONE,  "connections, none of which was answered") \
	K(FEW_EVENTS,    "few_events",    AGAINST, NUM,   NONE,  NONE,  "events so far") \
	K(SHORT_MEMORY,  "short_memory",  AGAINST, SPAN,  NONE,  NONE,  "the memory covers only this span") \
	K(OLDER,         "older",         CONTEXT, TIME,  NONE,  NONE,  "was already there when the memory begins, at that time") \
	K(FIRST_PACKET,  "first_packet",  CONTEXT, TIME,  NONE,  NONE,  "first packet of host and peer") \
	K(ONSET,         "onset",         CONTEXT, TIME,  NONE,  NONE,  "regular since") \
	K(STOPPED,       "stopped",       CONTEXT, TIME,  SPAN,  NONE,  "last packet; silent for that long at the end of the memory") \
	K(WATCHED,       "watched",       CONTEXT, SHARE, NUM,   NUM,   "share of the minutes of its span in which the sensor saw anything, packets lost, packets cut short") \
	K(DECAYED,       "decayed",       CONTEXT, TIME,  NONE,  NONE,  "connections before that time have decayed: what is said of it rests on roll-ups")

/* clockwork, presence */
#define FACTS_TIMING(K) \
	K(RHYTHM,        "rhythm",        FOR,     SPAN,  SHARE, NUM,   "period, jitter around it, check-ins") \
	K(FALSE_ALARM,   "false_alarm",   FOR,     REAL,  REAL,  NUM,   "S in decades, expected false alarms at this S in this memory, updates tested") \
	K(PRESENCE,      "presence",      FOR,     SHARE, NUM,   NUM,   "share of hours present, hours watched, days") \
	K(LONG_CHANNEL,  "long_channel",  FOR,     SPAN,  BYTES, BYTES, "duration of the longest connection, bytes out, bytes in") \
	K(KEPT_ALIVE,    "kept_alive",    FOR,     BYTES, NONE,  NONE,  "bytes a minute, both ways: it is kept open and hardly used") \
	K(QUIET_HOURS,   "quiet_hours",   FOR,     SHARE, NONE,  NONE,  "share of the events in hours in which the host is otherwise quiet") \
	K(SCATTERED,     "scattered",     FOR,     SHARE, NONE,  NONE,  "the period is scattered by this share: schedulers keep time, implants are told to hide it") \
	K(FLEET_RHYTHM,  "fleet_rhythm",  AGAINST, NUM,   SPAN,  NONE,  "hosts with the same rhythm to this peer, period") \
	K(OWN_RHYTHMS,   "own_rhythms",   AGAINST, NUM,   NONE,  NONE,  "other clockwork peers of the same host") \
	K(OFFICE_HOURS,  "office_hours",  AGAINST, SHARE, NONE,  NONE,  "share of the events in the host's busy hours: could be a habit") \
	K(SHARED_RHYTHM, "shared_rhythm", CONTEXT, NUM,   NONE,  NONE,  "the rhythm shows over that many hosts together, in none of them alone") \
	K(SHORT_SLEEP,   "short_sleep",   FOR,     SPAN,  TIME,  TIME,  "a stretch with a shorter rhythm: its period, from, to; the longest one") \
	K(SHORT_SLEEPS,  "short_sleeps",  CONTEXT, NUM,   SPAN,  NONE,  "such stretches, how long all of them lasted") \
	K(FLEET_HOSTS,   "fleet_hosts",   CONTEXT, NUM,   TEXT,  NONE,  "this finding stands for so many hosts, the first of them") \
	K(ODD_PERIOD,    "odd_period",    FOR,     NUM,   SPAN,  NONE,  "hosts that keep another rhythm to this peer, its period") \
	K(ODD_SIZE,      "odd_size",      FOR,     NUM,   BYTES, BYTES, "hosts with the same rhythm to this peer that exchange other sizes: out, in") \
	K(ODD_PRINT,     "odd_print",     FOR,     NUM,   TEXT,  NONE,  "hosts with the same rhythm to this peer whose TLS client is another: JA4, else JA3") \
	K(TIME_OF_DAY,   "time_of_day",   FOR,     SPAN,  SPAN,  NUM,   "first of a day: this long after midnight UTC, standard deviation, days") \
	K(FEW_A_DAY,     "few_a_day",     FOR,     NUM,   NUM,   NUM,   "connections, days with any, days from first to last") \
	K(NO_RHYTHM,     "no_rhythm",     AGAINST, NONE,  NONE,  NONE,  "the moments alone could be a person's") \
	K(SAME_NET,      "same_net",      FOR,     TEXT,  NONE,  NONE,  "the peer changes, its network stays") \
	K(SAME_DOMAIN,   "same_domain",   FOR,     TEXT,  NONE,  NONE,  "the name changes, its registered domain stays") \
	K(SAME_PRINT,    "same_print",    FOR,     TEXT,  NONE,  NONE,  "the peer changes; what stays is the client's TLS fingerprint, and the server's issuer or fingerprint") \
	K(SAME_TEMPLATE, "same_template", FOR,     BYTES, BYTES, NONE,  "the peer changes, the sizes stay: out, in, rounded down to 64") \
	K(ONE_TEMPLATE,  "one_template",  FOR,     BYTES, BYTES, NONE,  "only connections of these sizes, among others to the same peer: out, in, rounded down to 64") \
	K(ONLY_ASKED,    "only_asked",    FOR,     TEXT,  NONE,  NONE,  "names below this domain are asked for in DNS; no connection has the rhythm") \
	K(CHANGING_PEERS, "changing_peers", CONTEXT, NUM, TEXT, NONE,  "different peers (64: or more), the first of them")

/* upload */
#define FACTS_VOLUME(K) \
	K(MAILED,        "mailed",        FOR,     NUM,   BYTES, NONE,  "mails without Message-ID and program by a host that takes none in, their bytes") \
	K(STORED,        "stored",        FOR,     NUM,   BYTES, NONE,  "files put on a server outside by FTP or TFTP, their bytes") \
	K(STAGED,        "staged",        FOR,     BYTES, NUM,   BYTES, "gathered on one day, from that many of our hosts; sent out within a week") \
	K(SPLIT,         "split",         FOR,     BYTES, NUM,   TIME,  "sent to peers that were new to the host, how many of these, first day") \
	K(BURST,         "burst",         FOR,     BYTES, BYTES, TIME,  "sent, what the host usually sends on a day (median), first day") \
	K(ODD_DAY,       "odd_day",       FOR,     REAL,  REAL,  NUM,   "p among the host's own days, p among the other hosts that day, days of history") \
	K(ODD_ALONE,     "odd_alone",     FOR,     REAL,  NUM,   NONE,  "p among the host's own days, days of history; no other host to compare with") \
	K(ODD_RUN,       "odd_run",       FOR,     NUM,   REAL,  NUM,   "days of the run, e-value in decades, days of history") \
	K(DRIP,          "drip",          FOR,     NUM,   BYTES, NUM,   "days on which it sent, bytes a day, days from first to last") \
	K(DRIP_ODDS,     "drip_odds",     FOR,     REAL,  REAL,  NONE,  "e-value in decades; what gives one false alarm in ten years of the host") \
	K(SCHEDULED,     "scheduled",     FOR,     SPAN,  SHARE, NUM,   "period of transfers of a megabyte and more, jitter, transfers") \
	K(PRODUCER,      "producer",      FOR,     BYTES, BYTES, NUM,   "sent, received, on that many days") \
	K(USUAL_RATIO,   "usual_ratio",   FOR,     REAL,  REAL,  NUM,   "sent for each byte received; the same of others on this port, over that many pair-days") \
	K(NO_USUAL,      "no_usual",      AGAINST, NONE,  NONE,  NONE,  "nobody else used this port: nothing tells what is usual on it")

/* dns_tunnel, dns_odd */
#define FACTS_DNS(K) \
	K(DNS_LEDGER,     "dns_ledger",     FOR,     BYTES, NUM,   TIME,  "information that names asked for the first time could carry on the busiest day, new names that day, the day") \
	K(DNS_SENT,       "dns_sent",       FOR,     BYTES, BYTES, NUM,   "what all names together could carry: their information, their length, how many they are") \
	K(DNS_TOOL,       "dns_tool",       FOR,     TEXT,  NONE,  NONE,  "the names have the format of this public tool") \
	K(DNS_DATA_TYPES, "dns_data_types", FOR,     SHARE, NUM,   NONE,  "share of questions of types that carry data (TXT, NULL, CNAME, MX …), questions") \
	K(DNS_FRESH,      "dns_fresh",      FOR,     SHARE, NUM,   NONE,  "share of questions for a name never asked for before, questions") \
	K(DNS_DOWN,       "dns_down",       FOR,     BYTES, NONE,  NONE,  "bytes of answers of types that carry data") \
	K(DNS_UNCONTACTED, "dns_uncontacted", FOR,   NUM,   NONE,  NONE,  "different addresses that were answered; the host connected to none of them") \
	K(DNS_FORWARDED,  "dns_forwarded",  AGAINST, NONE,  NONE,  NONE,  "the host only passes on what another one, which is told of too, asks for") \
	K(DNS_CONTACTED,  "dns_contacted",  AGAINST, NUM,   NUM,   NONE,  "addresses that were answered and that the host connected to, addresses that were answered") \
	K(DNS_BLOCKLIST,  "dns_blocklist",  AGAINST, SHARE, NUM,   NONE,  "share of the answered addresses in 127.0.0.0/8, as block lists answer, addresses") \
	K(DNS_SPELLED,    "dns_spelled",    AGAINST, SHARE, NUM,   NONE,  "share of the names that spell an address, as reverse lookups and block lists do, names") \
	K(DNS_NO_SUCH_NAME, "dns_no_such_name", AGAINST, SHARE, NUM, NONE, "share of the names that do not exist: nothing comes back, names") \
	K(DNS_SERVES,     "dns_serves",     CONTEXT, NONE,  NONE,  NONE,  "the host answers DNS for others: who asks may be one of its clients, which was not seen") \
	K(DNS_NO_DOMAIN,  "dns_no_domain",  CONTEXT, NONE,  NONE,  NONE,  "the names belong to no domain: they were asked of this server, whatever their end") \
	K(DNS_ASKED,      "dns_asked",      CONTEXT, TEXT,  NONE,  NONE,  "servers that were asked") \
	K(DNS_SAMPLE,     "dns_sample",     CONTEXT, TEXT,  NONE,  NONE,  "one of the names: the longest") \
	K(DGA_BURST,      "dga_burst",      FOR,     NUM,   TIME,  NUM,   "registered domains without existence asked for within an hour, its first, such domains in all") \
	K(DGA_ODDNESS,    "dga_oddness",    FOR,     REAL,  NUM,   NONE,  "decades of evidence that their labels are not made like those of the names that exist here, how many of those they were held against") \
	K(FAST_FLUX,      "fast_flux",      FOR,     NUM,   NUM,   SPAN,  "different addresses of the name within a day, networks of 16 bits that they lie in, longest time to live") \
	K(ENCRYPTED_DNS,  "encrypted_dns",  FOR,     TEXT,  NONE,  NONE,  "how names are asked for inside encryption") \
	K(HIDDEN_CHANNEL, "hidden_channel", FOR,     TEXT,  NONE,  NONE,  "kind of relay or tunnel") \
	K(FROM_SERVER,    "from_server",    FOR,     NONE,  NONE,  NONE,  "the host is a server: three clients and more use one port of it") \
	K(STOPPED_ASKING, "stopped_asking", FOR,     NUM,   TIME,  NONE,  "questions that the host asked in clear, the last of them") \
	K(DNS_SILENCE,    "dns_silence",    FOR,     NUM,   NUM,   NONE,  "names that the host connects to without ever being heard asking, hosts that do so and ask")

/* covert_icmp, odd_packet, knock, implant, injection */
#define FACTS_WIRE(K) \
	K(KNOCK_BACK,    "knock_back",    FOR,     SPAN,  BYTES, NUM,   "so long after the last contact the host opened a connection to who had touched it, bytes sent there in all, connections") \
	K(KNOCK_TO,      "knock_to",      CONTEXT, TEXT,  NONE,  NONE,  "protocol and port of the connection back") \
	K(KNOCK_TOUCHED, "knock_touched", FOR,     NUM,   NUM,   NONE,  "contacts without an answer in the hour before, ports touched") \
	K(KNOCK_NEW,     "knock_new",     FOR,     NUM,   NONE,  NONE,  "it had never opened a connection to that address; peers that it opens to in all") \
	K(KNOCK_CHANCE,  "knock_chance",  FOR,     REAL,  REAL,  NUM,   "decades, expected coincidences in the memory, addresses that touched the host and were opened to by it at whatever times") \
	K(KNOCK_LATE,    "knock_late",    AGAINST, SPAN,  NONE,  NONE,  "more than two minutes lie between") \
	K(KNOCK_FAILED,  "knock_failed",  AGAINST, NUM,   NONE,  NONE,  "the first connection back was not answered; connections back in all") \
	K(KNOCK_TALKED,  "knock_talked",  AGAINST, NUM,   NONE,  NONE,  "connections of that address that the host had answered before") \
	K(KNOCK_SAME_SERVICE, "knock_same_service", AGAINST, TEXT, NONE, NONE, "both ways to the same protocol and port: two servers of one kind, or peers of one program") \
	K(KNOCK_SAME_SOCKET, "knock_same_socket", AGAINST, TEXT, NONE, NONE, "the host calls from the very port that was touched") \
	K(KNOCK_HABIT,   "knock_habit",   AGAINST, NUM,   NONE,  NONE,  "addresses that this host opened to after they had touched it") \
	K(ELSEWHERE,     "elsewhere",     FOR,     TEXT,  SPAN,  BYTES, "who touched the host without an answer, so long before it opened its first connection to this other address; bytes sent there") \
	K(ELSEWHERE_RATE, "elsewhere_rate", FOR,   NUM,   NUM,   SPAN,  "addresses outside that the host opened to for the first time, contacts without an answer that it had, in a memory of that span") \
	K(ELSEWHERE_CHANCE, "elsewhere_chance", FOR, REAL, REAL, NUM,   "decades, expected coincidences as close in the memory, as if all its hosts were like this one, hosts") \
	K(ELSEWHERE_TOUCHED, "elsewhere_touched", CONTEXT, NUM, NUM, NONE, "contacts of that address without an answer in the two minutes before, ports touched") \
	K(ELSEWHERE_NAMED, "elsewhere_named", AGAINST, TEXT, NONE, NONE, "a name had led the host to that address") \
	K(ELSEWHERE_OTHERS, "elsewhere_others", AGAINST, NUM, NONE, NONE, "other hosts here that open connections to that address") \
	K(DOOR_OPENED,   "door_opened",   FOR,     NUM,   NUM,   NONE,  "times that the port opened within a minute after touches of closed ones, how many of those at least") \
	K(DOOR_REFUSED,  "door_refused",  FOR,     NUM,   NUM,   NONE,  "attempts that the same port refused, addresses that made them; it never opened without a knock") \
	K(DOOR_SAME,     "door_same",     FOR,     NUM,   NONE,  NONE,  "times that the same ports were touched") \
	K(DOOR_KNOCKS,   "door_knocks",   CONTEXT, TEXT,  NONE,  NONE,  "the closed ports that were touched before") \
	K(DOOR_FEW,      "door_few",      AGAINST, NUM,   NONE,  NONE,  "so few closed ports are soon touched by chance") \
	K(HIJACK_USUAL,  "hijack_usual",  FOR,     TEXT,  NONE,  NONE,  "what this port of the host has always spoken, which this did not") \
	K(HIJACK_HISTORY, "hijack_history", FOR,   NUM,   NUM,   NUM,   "connections that spoke it, all that were answered, those that carried something else") \
	K(HIJACK_TALK,   "hijack_talk",   FOR,     SPAN,  BYTES, BYTES, "the longest of them lasted so long; bytes from the peer, from the host") \
	K(HIJACK_KNOWN,  "hijack_known",  AGAINST, TEXT,  NONE,  NONE,  "it was another known protocol") \
	K(HIJACK_MANY,   "hijack_many",   AGAINST, NUM,   NONE,  NONE,  "so many connections are otherwise that the port may serve both") \
	K(DEVICE_OPENS,  "device_opens",  FOR,     SPAN,  NUM,   NUM,   "for so long it only answered, connections answered, addresses that made them") \
	K(DEVICE_ROLE,   "device_role",   FOR,     TEXT,  NONE,  NONE,  "protocol and port on which it answers, as only devices do") \
	K(SERVER_OPENS,  "server_opens",  FOR,     SPAN,  NUM,   NUM,   "for so long it opened no connection to the outside, connections answered, addresses that made them") \
	K(SERVER_ROLE,   "server_role",   CONTEXT, TEXT,  NONE,  NONE,  "protocol and port on which it answers") \
	K(DEVICE_TUNNEL, "device_tunnel", FOR,     SPAN,  NONE,  NONE,  "the memory had known the host for so long without a tunnel between the two") \
	K(DEVICE_WRITE,  "device_write",  FOR,     TEXT,  NONE,  NONE,  "how the configuration was reached for from outside") \
	K(RIVAL_BYTES,   "rival_bytes",   FOR,     BYTES, SPAN,  NUM,   "bytes of a range that came twice and differently, time between the two, how often") \
	K(RIVAL_SYNACK,  "rival_synack",  FOR,     SPAN,  NUM,   NONE,  "a second SYN-ACK with another sequence number came so much later; how often") \
	K(RIVAL_RESET,   "rival_reset",   FOR,     SPAN,  NUM,   NONE,  "data came from a side so long after its RST; how often") \
	K(RIVAL_FIN,     "rival_fin",     FOR,     SPAN,  NUM,   NONE,  "data beyond a side's FIN came so long after it; how often") \
	K(RIVAL_ANSWER,  "rival_answer",  FOR,     TEXT,  NONE,  NONE,  "the name asked for: the first record of the first answer, of the second") \
	K(RIVAL_ANSWERS, "rival_answers", FOR,     SPAN,  NUM,   NONE,  "time between two answers to one question; how often") \
	K(RIVAL_TTL,     "rival_ttl",     FOR,     NUM,   NUM,   NUM,   "TTL of the odd packet, of the other, of the handshake") \
	K(RIVAL_TTL_APART, "rival_ttl_apart", FOR, NUM,   NUM,   NONE,  "TTL of the one packet, of the other") \
	K(RIVAL_STAMP,   "rival_stamp",   FOR,     NONE,  NONE,  NONE,  "timestamps were agreed on, and the odd packet has none (RFC 7323)") \
	K(RIVAL_REFLECTED, "rival_reflected", FOR, NUM,   NUM,   NONE,  "IP identification of the odd packet, which the far side had just used; of the other") \
	K(RIVAL_IP_ID,   "rival_ip_id",   FOR,     NUM,   NUM,   NONE,  "IP identification of the odd packet, of the other: not of one counter") \
	K(RIVAL_BACK,    "rival_back",    FOR,     NONE,  NONE,  NONE,  "the later packet has the older timestamp") \
	K(RIVAL_WINDOW,  "rival_window",  FOR,     NUM,   NUM,   NONE,  "receive window of the odd packet, of the other") \
	K(RIVAL_SHORTER, "rival_shorter", FOR,     BYTES, BYTES, NONE,  "payload of the odd packet, of the other") \
	K(RIVAL_WON,     "rival_won",     FOR,     NONE,  NONE,  NONE,  "the odd packet came first: what the receiver took in") \
	K(RIVAL_LOST,    "rival_lost",    AGAINST, NONE,  NONE,  NONE,  "the odd packet came second: the receiver drops it") \
	K(RIVAL_SAME,    "rival_same",    AGAINST, NUM,   NUM,   NONE,  "of the pairs of packets so many are one packet, rewritten on its way or in the file; pairs") \
	K(RIVAL_CHECKSUM, "rival_checksum", AGAINST, NUM, NUM,   NONE,  "of the pairs so many have a wrong checksum, and are dropped; pairs") \
	K(RIVAL_LATE,    "rival_late",    AGAINST, SPAN,  NONE,  NONE,  "no race: so far apart") \
	K(RIVAL_ALIKE,   "rival_alike",   AGAINST, NONE,  NONE,  NONE,  "neither TTL nor timestamps nor identification tell two senders") \
	K(RIVAL_PATH,    "rival_path",    AGAINST, NUM,   NONE,  NONE,  "servers of this host with the same: a box on its own path") \
	K(RIVAL_CHRONIC, "rival_chronic", AGAINST, NUM,   NUM,   NONE,  "hosts for which this server does it, days: a box before the server") \
	K(RIVAL_BEST,    "rival_best",    CONTEXT, TIME,  NUM,   NONE,  "when the clearest of them came; how many tell two senders") \
	K(ECHO_CHANGED,  "echo_changed",  FOR,     NUM,   NUM,   NONE,  "echo replies that are not what was sent, replies") \
	K(ECHO_SAME,     "echo_same",     FOR,     NUM,   NUM,   NONE,  "echo requests with identifier and sequence number of the one before, requests") \
	K(ECHO_PATTERN,  "echo_pattern",  FOR,     NUM,   NUM,   NONE,  "echo requests as long as the one before with other bytes behind the time stamp, requests") \
	K(ECHO_SIZES,    "echo_sizes",    FOR,     NUM,   BYTES, NONE,  "different sizes of echo requests of one flow (at most 8 are counted), the largest") \
	K(ECHO_UNASKED,  "echo_unasked",  FOR,     NUM,   NUM,   NONE,  "echo replies to nothing that was sent, replies") \
	K(ICMP_TYPE,     "icmp_type",     FOR,     NUM,   NUM,   BYTES, "an ICMP type that nothing uses, messages, their data") \
	K(HIDDEN_OPTIONS, "hidden_options", FOR,   NUM,   BYTES, NONE,  "packets seen with IPv6 options that no standard knows or padding that is not zero, most bytes in one") \
	K(NEW_PROTOCOL,  "new_protocol",  FOR,     TEXT,  NONE,  NONE,  "an IP protocol that the host first used a week or more after it was first seen") \
	K(CARRIED,       "carried",       CONTEXT, BYTES, BYTES, NONE,  "payload that the host sent this way, that it received") \
	K(FIRST_BYTES,   "first_bytes",   CONTEXT, TEXT,  NONE,  NONE,  "the first bytes of such a payload, in hexadecimal") \
	K(ECHO_PROBER,   "echo_prober",   AGAINST, NUM,   NONE,  NONE,  "other peers with which the host does the same: it may probe them all") \
	K(ECHO_OTHERS,   "echo_others",   AGAINST, NUM,   NONE,  NONE,  "other hosts that do the same with this peer") \
	K(SYN_DATA,      "syn_data",      FOR,     NUM,   NONE,  NONE,  "SYNs with data that do not ask for TCP Fast Open") \
	K(BAD_FLAGS,     "bad_flags",     FOR,     NUM,   NONE,  NONE,  "packets with a combination of flags that means nothing") \
	K(ODD_FIELDS,    "odd_fields",    FOR,     NUM,   NONE,  NONE,  "SYNs with an acknowledgement number, or an urgent pointer without URG") \
	K(HEADER_TEXT,   "header_text",   FOR,     NUM,   NUM,   NONE,  "SYNs in all of which the same byte of a header field was text, different values of it") \
	K(HEADER_FIELD,  "header_field",  CONTEXT, TEXT,  NONE,  NONE,  "the field, the byte, and what it says") \
	K(THEN_TALKED,   "then_talked",   FOR,     SPAN,  TIME,  NONE,  "an ordinary connection from the same source to the same server began so long after; when the first such packet came") \
	K(FLAGS,         "flags",         CONTEXT, TEXT,  NONE,  NONE,  "flags of one of them: letters of FSRPAUEC") \
	K(SCANS,         "scans",         AGAINST, NUM,   NUM,   NONE,  "connections to different targets in which the source got no data (counted to ten), hosts that got such a packet") \
	K(TALKED_BEFORE, "talked_before", AGAINST, NONE,  NONE,  NONE,  "the two had an ordinary connection before") \
	K(ALWAYS_ODD,    "always_odd",    AGAINST, NUM,   NONE,  NONE,  "such packets between the two: so many that it may be how that stack is") \
	K(TRACE,         "trace",         FOR,     TEXT,  NONE,  NONE,  "a published trace of an implant that the packets fit, and who published it") \
	K(TRACE_AGAIN,   "trace_again",   FOR,     NUM,   NONE,  NONE,  "packets that fit it") \
	K(TRACE_UNANSWERED, "trace_unanswered", FOR, NUM, NONE,  NONE,  "of them, packets to which nothing came back") \
	K(CALLED_BACK,   "called_back",   FOR,     SPAN,  TIME,  NONE,  "the host opened a connection to the source this long after, and had opened none in the hour before; when the packet came") \
	K(TRACE_EXPLAINED, "trace_explained", AGAINST, NUM, NUM, NONE,  "packets that fit it in connections of a known protocol, or that were answered like one; packets in all") \
	K(TRACE_SCAN,    "trace_scan",    AGAINST, NUM,   NONE,  NONE,  "hosts to which the same source sent it: it looks for the implant everywhere")

/* tls_odd, odd_service, keys */
#define FACTS_TLS(K) \
	K(CERT_NAMELESS, "cert_nameless", FOR,     TEXT,  NONE,  NONE,  "the certificate names no host and no address: its subject") \
	K(CERT_DEFAULTS, "cert_defaults", FOR,     TEXT,  NONE,  NONE,  "its subject is empty, or has values that tools fill in when nobody answers") \
	K(CERT_ADDRESS,  "cert_address",  FOR,     TEXT,  NONE,  NONE,  "it names addresses alone: its subject") \
	K(CERT_LONG,     "cert_long",     FOR,     SPAN,  NONE,  NONE,  "valid for so long: more than five years") \
	K(CERT_SHORT,    "cert_short",    FOR,     SPAN,  NONE,  NONE,  "valid for so long: less than a day") \
	K(CERT_EXPIRED,  "cert_expired",  FOR,     SPAN,  NONE,  NONE,  "used so long after its end") \
	K(CERT_EARLY,    "cert_early",    FOR,     SPAN,  NONE,  NONE,  "used so long before its begin") \
	K(CERT_FRESH,    "cert_fresh",    FOR,     SPAN,  NONE,  NONE,  "first used so soon after its begin: less than a day") \
	K(SOLE_ISSUER,   "sole_issuer",   FOR,     TEXT,  NONE,  NONE,  "of all servers here this one alone shows the issuer") \
	K(NO_SNI,        "no_sni",        FOR,     NUM,   NUM,   NONE,  "handshakes without a server name, handshakes with something odd") \
	K(OTHER_NAME,    "other_name",    FOR,     TEXT,  NONE,  NONE,  "the certificate does not hold for the name that was asked for") \
	K(LED_ELSEWHERE, "led_elsewhere", FOR,     TEXT,  NUM,   NUM,   "name asked for, which DNS never led to this server's network; addresses it gave for it; names of clients here that lead where DNS says") \
	K(LED_HERE,      "led_here",      CONTEXT, TEXT,  NONE,  NONE,  "the address of the server that was asked for that name") \
	K(OWN_PORT,      "own_port",      FOR,     TEXT,  NONE,  NONE,  "TLS on a port on which at most two servers here speak it") \
	K(OTHERS_PORT,   "others_port",   FOR,     TEXT,  NONE,  NONE,  "TLS on a port that belongs to another protocol") \
	K(NEW_CLIENT,    "new_client",    FOR,     TEXT,  SPAN,  NUM,   "fingerprint new to the host, after that long; hosts that have it") \
	K(NEW_PROGRAM,   "new_program",   FOR,     TEXT,  SPAN,  NUM,   "the same on a host with few fingerprints, as servers have") \
	K(OLD_ISSUER,    "old_issuer",    FOR,     TEXT,  SPAN,  NONE,  "issuer of its certificates before; for how long") \
	K(NEW_ISSUER,    "new_issuer",    FOR,     TEXT,  NONE,  NONE,  "issuer since then") \
	K(NEW_SOLE_ISSUER, "new_sole_issuer", FOR, TEXT,  NONE,  NONE,  "issuer since then, which no other server here shows") \
	K(TLS_CHANCE,    "tls_chance",    FOR,     REAL,  REAL,  NUM,   "decades of p, servers as odd expected by chance, servers of the site") \
	K(HABIT_CERT,    "habit_cert",    AGAINST, NUM,   NUM,   NONE,  "other servers with certificates as odd, servers") \
	K(HABIT_NAME,    "habit_name",    AGAINST, NUM,   NUM,   NONE,  "other servers whose names are as odd, servers") \
	K(HABIT_PORT,    "habit_port",    AGAINST, NUM,   NUM,   NONE,  "other servers on odd ports, servers") \
	K(HABIT_CLIENT,  "habit_client",  AGAINST, NUM,   NUM,   NONE,  "other servers that new fingerprints met, servers") \
	K(HABIT_CHANGE,  "habit_change",  AGAINST, NUM,   NUM,   NONE,  "other servers with a new issuer, servers") \
	K(HEART_ANSWERED, "heart_answered", FOR,   NUM,   BYTES, NONE,  "answers to heartbeats that claim more than they carry, the longest") \
	K(HEART_CLAIMED, "heart_claimed", FOR,     NUM,   BYTES, BYTES, "heartbeats that claim more than they carry, the most that one claims, bytes of its record") \
	K(HEART_LONGER,  "heart_longer",  FOR,     NUM,   BYTES, BYTES, "encrypted heartbeats whose answer is longer than what was asked, the longest answer, what it answers") \
	K(HEART_SILENT,  "heart_silent",  AGAINST, NUM,   NONE,  NONE,  "heartbeats that claim too much, none of which was answered") \
	K(SPOKEN,        "spoken",        FOR,     TEXT,  NONE,  NONE,  "what the two speak on that port") \
	K(RANDOM_BYTES,  "random_bytes",  FOR,     TEXT,  NONE,  NONE,  "on that port no protocol is known in what they said, and both sides began with bytes that look random") \
	K(PORT_HABIT,    "port_habit",    FOR,     TEXT,  NUM,   NUM,   "what the site speaks on that port, pairs that do, pairs") \
	K(PORT_REGISTERED, "port_registered", FOR, TEXT,  NUM,   NUM,   "what the port is registered for, pairs that speak it, pairs") \
	K(BARE_WEB,      "bare_web",      FOR,     TEXT,  NONE,  NONE,  "HTTP to a bare address on that port, which is not registered for it") \
	K(PORT_OTHERS,   "port_others",   AGAINST, NUM,   NUM,   NONE,  "other pairs that do not speak it either, pairs") \
	K(KEY_CHANGED,   "key_changed",   FOR,     TEXT,  SPAN,  NUM,   "host key that the SSH server shows now; for how long it had shown another one, connections that were shown that") \
	K(KEY_BESIDE,    "key_beside",    FOR,     TIME,  NUM,   NONE,  "when the old key was last shown, which is after the new one appeared; clients that were shown it") \
	K(KEY_PROGRAM,   "key_program",   FOR,     TEXT,  NONE,  NONE,  "what the server calls its program now, which is another one as well") \
	K(KEY_GONE,      "key_gone",      AGAINST, NUM,   NONE,  NONE,  "nobody was shown the old key again; clients that were shown the new one") \
	K(KEY_ABROAD,    "key_abroad",    FOR,     TEXT,  SPAN,  NONE,  "server of ours that has the same key; how long that was known before") \
	K(KEY_OWN_OUTSIDE, "key_own_outside", AGAINST, NONE, NONE, NONE, "it may be an address of our own by which that server is reached from outside") \
	K(KEY_SHARED,    "key_shared",    FOR,     TEXT,  NUM,   NUM,   "others that show the same key, addresses that do, networks they lie in") \
	K(KEY_MANY,      "key_many",      AGAINST, NUM,   NONE,  NONE,  "addresses with this key: services of many machines share one") \
	K(KEY_SAME,      "key_same",      CONTEXT, TEXT,  NONE,  NONE,  "the fingerprint of the key, or of the certificate")

/* admin_path, discovery, relay */
#define FACTS_INSIDE(K) \
	K(PROBED,        "probed",        FOR,     NUM,   SPAN,  SHARE, "most targets (address and port) without an answer that it began to try within five minutes, in how long, share of all its targets that never answered") \
	K(PROBED_SLOWLY, "probed_slowly", FOR,     NUM,   NUM,   NUM,   "targets without an answer, days on which it began to try them, most on one day") \
	K(SWEPT,         "swept",         FOR,     NUM,   SPAN,  NUM,   "most addresses that it began to ping within five minutes, in how long, addresses that answered") \
	K(WALK,          "walk",          FOR,     REAL,  REAL,  NUM,   "S of the threshold random walk in decades, expected false alarms at this S in this memory, connections") \
	K(PROBED_WHERE,  "probed_where",  CONTEXT, NUM,   NUM,   NONE,  "addresses tried, ports tried") \
	K(PROBED_PORT,   "probed_port",   CONTEXT, TEXT,  NONE,  NONE,  "the port that most of its dead targets have: protocol/number") \
	K(PROBED_OPEN,   "probed_open",   CONTEXT, NUM,   NONE,  NONE,  "targets that answered among those it tried") \
	K(USUAL_PROBER,  "usual_prober",  AGAINST, NUM,   NONE,  NONE,  "days on which it met fifteen dead targets or more") \
	K(ANSWERING,     "answering",     AGAINST, TEXT,  NONE,  NONE,  "the port of its own from which it sends to ports above: protocol/number") \
	K(ONE_WAY,       "one_way",       AGAINST, NONE,  NONE,  NONE,  "UDP to outside, and nothing at all was answered") \
	K(PEER_TO_PEER,  "peer_to_peer",  AGAINST, NUM,   NUM,   NONE,  "addresses, ports: nearly each address was tried at a port of its own") \
	K(PUSH_RUN,      "push_run",      FOR,     SPAN,  NONE,  NONE,  "from the first file pushed to the last thing run on the machine, least of all days") \
	K(FILE_PUSH,     "file_push",     FOR,     NUM,   BYTES, NUM,   "files written to administrative shares, their bytes, programs and scripts among them") \
	K(PUSHED_FILE,   "pushed_file",   CONTEXT, TEXT,  NONE,  NONE,  "the first of these files") \
	K(SERVICE_LIFE,  "service_life",  FOR,     SPAN,  NONE,  NONE,  "from making a service to deleting it, least of all days") \
	K(SERVICE_RUN,   "service_run",   FOR,     NUM,   NUM,   NUM,   "services made, started, deleted remotely") \
	K(TASK_RUN,      "task_run",      FOR,     NUM,   NUM,   NONE,  "scheduled tasks made, run remotely") \
	K(WMI_RUN,       "wmi_run",       FOR,     NUM,   NUM,   NONE,  "methods run, objects stored through WMI") \
	K(OBJECT_CALLED, "object_called", FOR,     NUM,   NONE,  NONE,  "methods of objects called through DCOM") \
	K(NETLOGON_TRIES, "netlogon_tries", FOR,   NUM,   SPAN,  NUM,   "most attempts within five minutes to authenticate as a machine (netlogon), in how long, passwords of machines set") \
	K(CAME_BACK,     "came_back",     FOR,     SPAN,  NONE,  NONE,  "from a call that makes the machine open a file elsewhere to its connection to the caller") \
	K(COERCED,       "coerced",       FOR,     NUM,   NONE,  NONE,  "calls that make the machine open a file elsewhere (EFS, printers, DFS, shadow copies)") \
	K(REPLICATED,    "replicated",    FOR,     NUM,   NONE,  NONE,  "requests for a copy of the directory's objects (DRSGetNCChanges)") \
	K(GUESSED,       "guessed",       FOR,     TEXT,  NONE,  NONE,  "service on which a logon was accepted within a quarter of an hour in which twenty had been refused") \
	K(GUESSING,      "guessing",      FOR,     NUM,   NUM,   NONE,  "most logons refused within a quarter of an hour, names that they were for") \
	K(WEAK_TICKETS,  "weak_tickets",  FOR,     NUM,   NUM,   NONE,  "tickets with RC4 given to a client that had got AES before, services that they are for") \
	K(RC4_ASKED,     "rc4_asked",     FOR,     NUM,   NUM,   NONE,  "logons that offered RC4 alone where the realm has AES, names that they were for") \
	K(AES_BEFORE,    "aes_before",    FOR,     NONE,  NONE,  NONE,  "the host itself had used AES before") \
	K(OTHER_CLIENT,  "other_client",  FOR,     TEXT,  NUM,   NONE,  "dialect of sessions of SMB that name no machine and are encrypted behind the logon, and that the host never spoke before; such sessions") \
	K(OWN_CLIENT,    "own_client",    FOR,     TEXT,  NUM,   NUM,   "dialect of the host's own client, sessions of it before, days on which it had some") \
	K(CLIENT_ELSEWHERE, "client_elsewhere", AGAINST, NUM, NONE, NONE, "other hosts here with such a client") \
	K(SHELL,         "shell",         FOR,     NUM,   NONE,  NONE,  "requests of remote management over HTTP (WinRM)") \
	K(CHAIN,         "chain",         FOR,     TEXT,  NONE,  NONE,  "machines entered one from the other, each for the first time, within a day") \
	K(FAN_OUT,       "fan_out",       FOR,     NUM,   REAL,  NONE,  "new targets within a day, decades of that number at the host's own rate") \
	K(NEW_ROLE,      "new_role",      FOR,     TEXT,  NONE,  NONE,  "kind of administration that the host never asked anybody for before") \
	K(NEW_PATH,      "new_path",      FOR,     SPAN,  NUM,   REAL,  "for how long both were known before, targets that the host had administered before, decades of a new one at its rate") \
	K(NOT_SERVER,    "not_server",    FOR,     NUM,   NONE,  NONE,  "machines that ever administered the target in this way, this one included") \
	K(SERVICE_ASKED, "service_asked", FOR,     NUM,   NONE,  NONE,  "other calls of the service manager") \
	K(REGISTRY_WRITTEN, "registry_written", FOR, NUM, NONE,  NONE,  "keys of the registry made, set or saved remotely") \
	K(RELAYED,       "relayed",       FOR,     NUM,   REAL,  BYTES, "connections in and out that fit in time and size, how many would by chance, bytes of those out") \
	K(RELAY_FROM,    "relay_from",    CONTEXT, TEXT,  NONE,  NONE,  "from where") \
	K(RELAY_TO,      "relay_to",      CONTEXT, TEXT,  NONE,  NONE,  "to where: address and port") \
	K(RELAY_FIT,     "relay_fit",     FOR,     SHARE, SPAN,  NONE,  "least difference of their sizes, mean time from a connection in to the one out") \
	K(RELAY_CHANCE,  "relay_chance",  FOR,     REAL,  REAL,  NUM,   "S in decades, expected false alarms at this S, pairs of peers looked at") \
	K(RELAY_NEW,     "relay_new",     FOR,     SPAN,  NONE,  NONE,  "how long the host was known before it began") \
	K(RELAY_USERS,   "relay_users",   AGAINST, NUM,   NONE,  NONE,  "machines that it relays for, or that this one reaches through it") \
	K(TUNNELLED,     "tunnelled",     FOR,     NUM,   BYTES, BYTES, "connections that the host opened inside while the other one was open, their bytes towards its far end, the bytes that it carried there itself") \
	K(TUNNELS,       "tunnels",       FOR,     NUM,   REAL,  NONE,  "connections that carried others so, how many would by chance") \
	K(TUNNEL_PEERS,  "tunnel_peers",  CONTEXT, TEXT,  NUM,   NONE,  "the first machine inside that is reached so, how many are") \
	K(PROXY_ASKED,   "proxy_asked",   FOR,     NUM,   NUM,   NONE,  "requests to connect elsewhere that were granted, different targets") \
	K(PROXY_KIND,    "proxy_kind",    CONTEXT, TEXT,  NONE,  NONE,  "SOCKS or HTTP CONNECT") \
	K(PROXY_TARGET,  "proxy_target",  CONTEXT, TEXT,  NONE,  NONE,  "one of the targets") \
	K(USUAL_ADMIN,   "usual_admin",   AGAINST, NUM,   NUM,   NONE,  "days on which the host did such things, machines that it did them to") \
	K(DIRECTORY_SERVER, "directory_server", AGAINST, NONE, NONE, NONE, "the host answers Kerberos or LDAP itself")

/* ot_change */
#define FACTS_OT(K) \
	K(OT_OUTSIDE,    "ot_outside",    FOR,     NONE,  NONE,  NONE,  "one of the two is not at home") \
	K(ENGINEERING,   "engineering",   FOR,     TEXT,  NONE,  NONE,  "functions of program, mode or firmware") \
	K(ENGINEERED,    "engineered",    FOR,     NUM,   NUM,   NONE,  "how often, how often refused") \
	K(OFF_WINDOW,    "off_window",    FOR,     NUM,   TIME,  NUM,   "hours of engineering at hours of the week without a habit of it, the last of them, weeks with engineering") \
	K(NEW_MASTER,    "new_master",    FOR,     SPAN,  NUM,   NONE,  "the device had been asked by others for so long, how many others") \
	K(FIRST_WRITE,   "first_write",   FOR,     SPAN,  NUM,   NONE,  "the two had only read for so long, writes and commands since") \
	K(NEW_FUNCTION,  "new_function",  FOR,     TEXT,  NONE,  NONE,  "functions that the two had not used in two weeks and more") \
	K(SWEEP_NEW,     "sweep_new",     FOR,     NUM,   NONE,  NONE,  "devices that it asked for the first time, within ten minutes") \
	K(SWEEP,         "sweep",         FOR,     NUM,   NUM,   NUM,   "devices, and units behind them, that it asked what they are, or in vain, within ten minutes; spans of ten minutes in which it did so") \
	K(ROLE_FLIP,     "role_flip",     FOR,     NUM,   NONE,  NONE,  "who asks is itself a device in that protocol, with so many masters") \
	K(REFUSED,       "refused",       FOR,     SHARE, NUM,   NONE,  "share of requests that the device refused, requests") \
	K(REFUSED_JUMP,  "refused_jump",  FOR,     SHARE, SHARE, TIME,  "share of requests refused on a day, share before, the day") \
	K(RATE_BROKEN,   "rate_broken",   FOR,     NUM,   NUM,   TIME,  "requests on a day, on a usual day (median), the day") \
	K(POLL_SILENT,   "poll_silent",   FOR,     NUM,   TIME,  NUM,   "watched days without a request, the first of them, requests on a usual day") \
	K(WRITES_AGAIN,  "writes_again",  FOR,     NUM,   TIME,  SPAN,  "writes and commands that came again in the same order with the same values, when they had been made before, how long it took this time") \
	K(WRITES_OF,     "writes_of",     FOR,     TEXT,  NONE,  NONE,  "who had made these writes before") \
	K(READINGS_AGAIN, "readings_again", FOR,   NUM,   TIME,  SPAN,  "changes of what was read that came again in the same order with the same values, when they had come before, how long it took this time") \
	K(AGAIN_ODDS,    "again_odds",    FOR,     NUM,   REAL,  NONE,  "changes before the original, of which the odds were learnt; false alarms of this kind that are expected in a memory like this one") \
	K(COUNTER_BACK,  "counter_back",  FOR,     NUM,   NUM,   TIME,  "frames whose state or sequence number is lower than that of the frame before, without a restart; frames in all; the first of them") \
	K(DEVICE_CALLS,  "device_calls",  FOR,     NUM,   BYTES, BYTES, "connections that a field device opened, bytes out, bytes in") \
	K(IT_PROTOCOL,   "it_protocol",   FOR,     TEXT,  NONE,  NONE,  "a protocol of computers, spoken to a field device") \
	K(AGAIN_USUAL,   "again_usual",   AGAINST, SHARE, NUM,   NONE,  "share of the changes before that had followed one another in the same way, changes") \
	K(AGAIN_STATES,  "again_states",  AGAINST, NONE,  NONE,  NONE,  "what comes again are states of two values or few: a machine that runs through the same steps looks like this") \
	K(REGISTER_NOISE, "register_noise", FOR,   NUM,   NUM,   NUM,   "registers of a block that are drawn anew at each reading, registers followed, readings") \
	K(NOISE_PLACE,   "noise_place",   CONTEXT, TEXT,  NONE,  NONE,  "which registers: unit, first address + how many") \
	K(IN_WINDOW,     "in_window",     AGAINST, NUM,   NONE,  NONE,  "weeks with engineering, always at the same hours of the week") \
	K(CALLS_MASTER,  "calls_master",  AGAINST, NONE,  NONE,  NONE,  "whom the device calls is who asks it") \
	K(NO_BASELINE,   "no_baseline",   AGAINST, SPAN,  NONE,  NONE,  "the memory covers only this span: two weeks tell what is new") \
	K(OT_PROTOCOL,   "ot_protocol",   CONTEXT, TEXT,  NONE,  NONE,  "the industrial protocol")

/* indicator */
#define FACTS_LISTS(K) \
	K(HUNTED,        "hunted",        FOR,     TEXT,  NONE,  NONE,  "id of the hunt that looks for it, and its note") \
	K(INDICATOR,     "indicator",     FOR,     TEXT,  NONE,  NONE,  "what was met: kind and value") \
	K(SEEN_AS,       "seen_as",       FOR,     TEXT,  NONE,  NONE,  "how it was met: names of ways as in dwell ask, joined by commas") \
	K(BROAD,         "broad",         AGAINST, NONE,  NONE,  NONE,  "the indicator is so wide that it meets nearly everything") \
	K(LOOSE,         "loose",         AGAINST, NONE,  NONE,  NONE,  "all parts of the pattern were met, not necessarily in one connection or within its time") \
	K(ONLY_NAMED,    "only_named",    AGAINST, NONE,  NONE,  NONE,  "it was named (in DNS, a certificate), never connected to") \
	K(FEED_LABEL,    "feed_label",    CONTEXT, TEXT,  NONE,  NONE,  "the feed's own words for the indicator") \
	K(FEED_PLACE,    "feed_place",    CONTEXT, TEXT,  NONE,  NONE,  "where the indicator comes from: file and line")

#define FACT_TABLE(K) \
	FACTS_SHARED(K) \
	FACTS_TIMING(K) \
	FACTS_VOLUME(K) \
	FACTS_DNS(K) \
	FACTS_WIRE(K) \
	FACTS_TLS(K) \
	FACTS_INSIDE(K) \
	FACTS_OT(K) \
	FACTS_LISTS(K)
// clang-format on

#endif
