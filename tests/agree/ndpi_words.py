# SPDX-License-Identifier: Apache-2.0
"""Which of our words for a service stand for which protocol of nDPI, and why some can not."""

# nDPI's names of protocols that have no ports: conn.proto says them.
WITHOUT_PORTS = {'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'vrrp', 'pim', 'pgm', 'ospf'}

WORDS = {
    'TLS': 'ssl', 'IMAPS': 'ssl', 'POPS': 'ssl', 'SMTPS': 'ssl smtp', 'FTPS': 'ssl ftp',
    'MDNS': 'dns', 'LLMNR': 'dns', 'Radius': 'radius', 'Kerberos': 'krb', 'SMBv1': 'smb', 'SMBv23': 'smb',
    'DHCPV6': 'dhcp6', 'DCERPC': 'dce_rpc', 'IPSec': 'ike', 'SRTP': 'rtp',
    'EthernetIP': 'enip', 'IEC60870': 'iec104', 'IEEE-C37118': 'synchrophasor', 'ISO9506-1-MMS': 'mms',
    'S7Comm': 's7comm', 'S7CommPlus': 's7comm_plus s7comm', 'HART-IP': 'hart_ip', 'OPC-UA': 'opcua',
    'CIP': 'cip_io', 'MsSQL-TDS': 'tds', 'FTP_CONTROL': 'ftp', 'FTP_DATA': 'ftp-data',
    'HTTP_Proxy': 'http', 'HTTP_Connect': 'http', 'WebSocket': 'http', 'HTTP2': 'http2',
}


def words(theirs):
    """Our words that a name of theirs may have."""
    found = set()
    for part in theirs.split('.'):
        found |= set(WORDS.get(part, part.lower().replace('-', '_')).split())
    return found


def reason(theirs, name, found, ours):
    """Why ours is right, or why there is none of ours; None: neither is known."""
    if not found:
        return None
    return None
