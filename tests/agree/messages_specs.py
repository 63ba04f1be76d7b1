"""Which column of a table is which field of tshark's and of Zeek's, and the known differences."""
import re

SKIP = object()  # their reading says nothing about this column


class Column:
    """A column of ours, its fields in tshark, and how their values become ours (default: the first)."""

    def __init__(self, name, fields, convert=None, their=None, same=None):
        self.name = name
        self.fields = [fields] if isinstance(fields, str) else fields
        self.same = same
        convert = convert or (lambda v: v)
        self.their = their or (lambda v: next((convert(x) for f in self.fields for x in v[f]), None))


class Spec:
    def __init__(self, name, table, words, shown, columns, ours=None, usable=None, kind=None, extra=(),
                 options=(), zeek_log=None, zeek=(), zeek_kind=None):
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
]


def named(capture):
    return any(s.named(capture) for s in SPECS)
