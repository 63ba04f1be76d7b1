"""Which column of a table is which field of tshark's and of Zeek's, and the known differences."""
import re

SKIP = object()  # their reading says nothing about this column


class Column:
    """A column of ours, its fields in tshark, and how their values become ours (default: the first)."""

    def __init__(self, name, fields, convert=None, their=None, same=None):
        self.name = name
        self.fields = [fields] if isinstance(fields, str) else fields
        self.same = same
        self.convert = convert = convert or (lambda v: v)
        self.their = their or (lambda v: next((convert(x) for f in self.fields for x in v[f]), None))


class Spec:
    def __init__(self, name, table, words, shown, columns, ours=None, usable=None, kind=None, extra=(),
                 options=(), zeek_log=None, zeek=(), zeek_kind=None, flows=False):
        self.flows = flows
        self.name, self.table, self.shown, self.columns = name, table, shown, columns
        self.words = re.compile(words)
        self.ours, self.usable, self.kind = ours, usable, kind
        self.extra, self.options = list(extra), list(options)
        self.zeek_log, self.zeek, self.zeek_kind = zeek_log, list(zeek), zeek_kind

    def named(self, capture):
        """Whether the capture's name says that it holds this protocol."""
        return self.words.search(capture.lower()) is not None


def number(text):
    return int(text, 0)


def address(text):
    return None if text in ('0.0.0.0', '::') else text


def address_of(name, field):
    return Column(name, field, their=lambda v: next((address(x) for x in v[field]), None))


DHCP_TYPES = [None, 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM',
              'FORCERENEW', 'LEASEQUERY', 'LEASEUNASSIGNED', 'LEASEUNKNOWN', 'LEASEACTIVE']
DHCP6_TYPES = [None, 'SOLICIT', 'ADVERTISE', 'REQUEST', 'CONFIRM', 'RENEW', 'REBIND', 'REPLY', 'RELEASE',
               'DECLINE', 'RECONFIGURE', 'INFORMATION-REQUEST', 'RELAY-FORW', 'RELAY-REPL', 'LEASEQUERY',
               'LEASEQUERY-REPLY', 'LEASEQUERY-DONE', 'LEASEQUERY-DATA', 'RECONFIGURE-REQUEST',
               'RECONFIGURE-REPLY']


def dhcp_message(v):
    if v['dhcp.option.dhcp']:
        n = number(v['dhcp.option.dhcp'][0])
        return DHCP_TYPES[n] if n < len(DHCP_TYPES) else SKIP
    return 'BOOTREQUEST' if v['dhcp.type'] and number(v['dhcp.type'][0]) == 1 else 'BOOTREPLY'


def dhcp6_address(of_answers):
    def their(v):
        answers = number(v['dhcpv6.msgtype'][-1]) in (2, 7)
        return next(iter(v['dhcpv6.iaaddr.ip'] + v['dhcpv6.iaprefix.pref_addr']), None) if answers == of_answers else None
    return their


FACILITIES = ['KERN', 'USER', 'MAIL', 'DAEMON', 'AUTH', 'SYSLOG', 'LPR', 'NEWS', 'UUCP', 'CRON', 'AUTHPRIV',
              'FTP', 'NTP', 'AUDIT', 'ALERT', 'CLOCK'] + [f'LOCAL{i}' for i in range(8)]
SEVERITIES = ['EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG']
MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']


def same_time(ours, theirs):
    """tshark: 'Sep 27, 2004 03:18:04.922896299 UTC'; '(0)Jan  1, 1970 …' or 'NULL' where there is none."""
    if ours is None:
        return theirs is None or theirs in ('NULL', '') or '1970 00:00:00' in theirs
    m = re.search(r'(\w{3}) +(\d+), (\d+) (\d\d:\d\d:\d\d)\.(\d{6})', theirs or '')
    if m is None:
        return False
    stamp = f'{m[3]}-{MONTHS.index(m[1]) + 1:02}-{int(m[2]):02}T{m[4]}.'
    return ours.startswith(stamp) and abs(int(ours[len(stamp):len(stamp) + 6]) - int(m[5])) <= 1


def syslog_kind(name, field, z, row):
    if z['facility'] == 'UNSPECIFIED' or z['severity'] == 'UNSPECIFIED':
        return 'no priority in the datagram: only the port says syslog'
    return None


def snmp_kind(name, field, z, row):
    if field == 'community' and z['version'] == '3' and z['community'] == '-':
        return 'the user came with a later message than the first'
    counts = [z[c] for c in ('get_requests', 'get_bulk_requests', 'get_responses', 'set_requests')]
    if field == 'row' and set(counts) == {'0'}:
        return 'what follows the community is no PDU: nothing to tell it from chance'
    return None


def radius_kind(name, field, z, row):
    if field == 'result' and z['result'] == 'unknown':
        return "Zeek's reading of the answer stopped before its code; ours has it"
    if field == 'result' and row['result'] == 'challenge':
        return 'a challenge is an answer of its own for us; Zeek waits for the next one'
    if field in ('username', 'reply_msg') and z[field] == '-' and 'fuzz' in name:
        return 'fuzzed: Zeek drops a message with a damaged attribute, we keep what stands before it'
    if field == 'row' and 'invalid_length' in name:
        return 'its length is more than the datagram has'
    return None


def wireguard_kind(name, field, values, row):
    if field == 'row' and not set(values['wg.type']) & {'1', '2', '0x01', '0x02'}:
        return 'no handshake in the capture: data alone is recognised on port 51820 only'
    return None


def stun_kind(name, field, values, row):
    if field == 'row' and name.endswith('lru_ipv6_caches.pcapng'):
        return 'the flow begins with media: what comes first decides'
    if row is not None and row['messages'] < len(values['stun.type']):
        return 'DTLS began before the answer came: STUN is read up to there'
    return None


def plain_hex(text):
    text = text.replace(':', '').removeprefix('0x')
    return text if text.strip('0') else None


def big_hex(text):
    return number(text).to_bytes(8, 'big').hex()


def ike_kind(name, field, values, row):
    lengths = [number(x) for x in values['isakmp.length']]
    room = max([number(x) - 8 for x in values['udp.length']] or [0])
    odd = any(not v.strip('0') for v in values['isakmp.ispi']) or any(number(v) & 15 > 2 for v in values['isakmp.version'])
    if field == 'row' and (odd or not lengths or min(lengths) > room or min(lengths) < 28):
        return 'fuzzed: a header without an initiator, of no version, or longer than its datagram'
    return None


def little_hex(text):
    return number(text).to_bytes(4, 'little').hex()


def lower(text):
    return text.lower().rstrip('.')


SPECS = [
    Spec('dhcp', 'dhcp', 'dhcp|bootp', 'dhcp && udp', [
        Column('message', ['dhcp.option.dhcp', 'dhcp.type'], their=dhcp_message),
        Column('id', 'dhcp.id', number), Column('mac', 'dhcp.hw.mac_addr'),
        Column('host_name', 'dhcp.option.hostname'), Column('client_fqdn', 'dhcp.fqdn.name'),
        Column('domain', 'dhcp.option.domain_name'), Column('vendor_class', 'dhcp.option.vendor_class_id'),
        Column('parameters', 'dhcp.option.request_list_item',
               their=lambda v: [number(x) for x in v['dhcp.option.request_list_item']]),
        address_of('client_addr', 'dhcp.ip.client'), address_of('assigned_addr', 'dhcp.ip.your'),
        address_of('relay_addr', 'dhcp.ip.relay'),
        address_of('requested_addr', 'dhcp.option.requested_ip_address'),
        address_of('server_addr', 'dhcp.option.dhcp_server_id'),
        Column('lease_time', 'dhcp.option.ip_address_lease_time', number),
    ], ours=lambda r: r['kind'] == 'dhcp', usable=lambda v: bool(v['dhcp.id'])),  # fuzzed ones have none
    Spec('dhcp6', 'dhcp', 'dhcp', 'dhcpv6 && udp', [
        Column('message', 'dhcpv6.msgtype', their=lambda v: DHCP6_TYPES[number(v['dhcpv6.msgtype'][-1])]),
        Column('id', 'dhcpv6.xid', number), Column('vendor_class', 'dhcpv6.vendorclass.data'),
        Column('parameters', 'dhcpv6.requested_option_code',
               their=lambda v: [number(x) for x in v['dhcpv6.requested_option_code']]),
        Column('assigned_addr', ['dhcpv6.iaaddr.ip', 'dhcpv6.iaprefix.pref_addr'], their=dhcp6_address(True)),
        Column('requested_addr', ['dhcpv6.iaaddr.ip', 'dhcpv6.iaprefix.pref_addr'], their=dhcp6_address(False)),
    ], ours=lambda r: r['kind'] == 'dhcp6', usable=lambda v: bool(v['dhcpv6.msgtype'])),
    Spec('ntp', 'ntp', 'ntp', 'ntp && udp', [
        Column('version', 'ntp.flags.vn', number), Column('mode', 'ntp.flags.mode', number),
        Column('stratum', 'ntp.stratum', number), Column('xmt_time', 'ntp.xmt', same=same_time),
        Column('rec_time', 'ntp.rec', same=same_time), Column('org_time', 'ntp.org', same=same_time),
    ], usable=lambda v: bool(v['ntp.flags.mode']), zeek_log='ntp.log', zeek=[
        ('version', 'version', int), ('mode', 'mode', int)]),
    Spec('sip', 'sip', 'sip|voip', 'sip && udp', [
        Column('method', ['sip.Method', 'sip.CSeq.method']),
        Column('status_code', 'sip.Status-Code', number), Column('uri', 'sip.r-uri'),
        Column('call_id', 'sip.Call-ID'), Column('seq', 'sip.CSeq'),
        Column('user_agent', ['sip.User-Agent', 'sip.Server']),
        Column('from_uri', 'sip.From'), Column('to_uri', 'sip.To'),
        Column('content_type', 'sip.Content-Type'),
    ], usable=lambda v: bool(v['sip.Method'] or v['sip.Status-Code'])),
    Spec('syslog', 'syslog', 'syslog', 'syslog && udp', [
        Column('facility', 'syslog.facility', lambda t: FACILITIES[number(t)]),
        Column('severity', 'syslog.level', lambda t: SEVERITIES[number(t)]),
    ], usable=lambda v: bool(v['syslog.level']), zeek_log='syslog.log', zeek=[
        ('facility', 'facility', str), ('severity', 'severity', str), ('message', 'message', str)], zeek_kind=syslog_kind),
    Spec('snmp', 'snmp', 'snmp', None, [], zeek_log='snmp.log', zeek=[
        ('version', 'version', str), ('community', 'community', str), ('get_requests', 'get_requests', int),
        ('get_bulk_requests', 'get_bulk_requests', int), ('get_responses', 'get_responses', int),
        ('set_requests', 'set_requests', int), ('display_string', 'display_string', str)], zeek_kind=snmp_kind),
    Spec('radius', 'radius', 'radius', None, [], zeek_log='radius.log', zeek=[
        ('username', 'username', str), ('framed_addr', 'framed_addr', str),
        ('tunnel_client', 'tunnel_client', str), ('connect_info', 'connect_info', str),
        ('reply_msg', 'reply_msg', str), ('result', 'result', str)], zeek_kind=radius_kind),
    Spec('ike', 'vpn', 'ike|ipsec|isakmp', 'isakmp && udp', [
        Column('client_id', 'isakmp.ispi', plain_hex), Column('server_id', 'isakmp.rspi', plain_hex),
        Column('version', 'isakmp.version', lambda t: f'{number(t) >> 4}.0'),
    ], ours=lambda r: r['kind'] == 'ike', usable=lambda v: bool(v['isakmp.ispi']), flows=True,
        extra=['isakmp.length', 'udp.length'], kind=ike_kind),
    Spec('wireguard', 'vpn', 'wireguard', 'wg && udp', [
        Column('client_id', 'wg.sender', little_hex),
    ], ours=lambda r: r['kind'] == 'wireguard', usable=lambda v: bool(v['wg.type']), flows=True, extra=['wg.type'],
        kind=wireguard_kind),
    Spec('openvpn', 'vpn', 'openvpn|opvn', 'openvpn', [
        Column('client_id', 'openvpn.sessionid', big_hex), Column('server_id', 'openvpn.sessionid', big_hex),
    ], ours=lambda r: r['kind'] == 'openvpn', usable=lambda v: bool(v['openvpn.sessionid']), flows=True),
    Spec('stun', 'stun', 'stun|turn', 'stun && udp && stun.cookie == 21:12:a4:42', [
        Column('username', 'stun.att.username'), Column('realm', 'stun.att.realm'),
        Column('mapped_addr', ['stun.att.ipv4', 'stun.att.ipv6']),
    ], usable=lambda v: bool(v['stun.type']), extra=['stun.type'], flows=True, kind=stun_kind),
]


def named(capture):
    return any(s.named(capture) for s in SPECS)
