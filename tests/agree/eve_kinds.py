# SPDX-License-Identifier: Apache-2.0
"""Why events of ours and Suricata's differ, for eve_agree.py."""
import datetime

# Types of which ours are one event for what Suricata has several of: its first is compared.
ONE_FOR_ALL = {'snmp', 'quic', 'ike'}
ALWAYS = ('ftp', 'smb', 'krb', 'kerberos', 'rdp', 'snmp', 'ike', 'dhcp', 'dcerpc', 'smtp', 'sip', 'quic',
          'nfs', 'mount', 'tftp', 'rfb', 'vnc', 'torrent', 'bt-udp')
SEE = 'the rows themselves differ: the tests of the protocol name the kinds'
FLOWS = 'where a flow ends, and who opened it: Suricata has time-outs and roles of its own (conn_agree.py)'
BROKEN = 'a head that breaks the rules, as the captures of http-evader do: Suricata reads on in it'
LIMITS = {SEE: 0.05, FLOWS: 0.25, BROKEN: 0.2}


def alike(member, value):
    """A value without what both may write in their own way."""
    if member in ('flow.start', 'flow.end') and value:
        return round(datetime.datetime.strptime(value, '%Y-%m-%dT%H:%M:%S.%f%z').timestamp(), 3)
    if member == 'snmp.vars' and value:
        return value[0]
    if member in ('ftp.completion_code', 'ftp.reply') and value:
        return value[-1]  # ours is the last
    if value is False or value == []:
        return None
    return value


def alone(kind, theirs):
    """Why an event of Suricata's has no counterpart."""
    what = theirs.get(f'{kind}.command') or theirs.get('dcerpc.request') or theirs.get('rdp.event_type')
    if kind == 'ftp' and what is None:
        return 'a greeting, or a reply that nothing asked for: rows are commands'
    if kind == 'smb' and 'smb.dcerpc.request' in theirs:
        return 'calls over SMB are rows of dce_rpc'
    if kind == 'dcerpc' and what != 'REQUEST':
        return f'{what}: rows are calls'
    if kind == 'smb':
        return f'{what[5:]}: not one of the commands that have a row each'
    if kind == 'rdp':
        return f'{what}: our rows are connections'
    return 'no counterpart'


def flow_reason(member, theirs, ours, s, r):
    if member == 'app_proto':
        if theirs is None:
            return 'Suricata names none in what it saw begin in the middle, or on one side alone'
        if theirs == 'failed':
            return 'a protocol that Suricata 7 does not find, or does not know'
        if ours == 'failed' or ours is None:
            return 'a protocol that Suricata names by its port, or that has no parser here'
        return 'of several protocols in a connection either names another first'
    if member in ('flow.bytes_toserver', 'flow.bytes_toclient'):
        packets = s.get(member.replace('bytes', 'pkts'), 0)
        if abs(theirs - ours) <= packets * 46 and r.get(member.replace('bytes', 'pkts')) == packets:
            return "Suricata counts what the link adds: padding, tags, checksums, or no Ethernet header"
    return FLOWS


def smb_reason(member, theirs, ours, s, r):
    command = s.get('smb.command', '')
    if 'SESSION_SETUP' in command and member == 'smb.status':
        return 'the messages of a session setup are one row, with the last status'
    if member == 'smb.dialect':
        return 'a dialect that is known only later, or only to one of us: rows have the one that was agreed'
    if member == 'smb.status' and theirs in (None, 'UNKNOWN_00_0000'):
        return 'SMB1: the older form of a status, of which 0 is success'
    if member == 'smb.filename' and theirs is None and 'SET_INFO' in command:
        return 'the file that is renamed or deleted, which Suricata does not name'
    if member == 'smb.filename' and theirs is None and s.get('smb.directory') == ours:
        return 'a folder that was opened: Suricata tells its name by another member'
    if member == 'smb.share_type' and theirs == 'UNKNOWN':
        return 'Suricata has no name for printers, nor where the tree was refused'
    return None


def ftp_reason(member, theirs, ours, s, r):
    codes = s.get('ftp.completion_code') or [], r.get('ftp.completion_code') or []
    if member == 'ftp.reply' and codes[0][-1:] == codes[1][-1:] or (
            member == 'ftp.completion_code' and len(codes[0]) > 1):
        return 'a reply of several lines: Suricata keeps its first ones, or ends at another'
    if member == 'ftp.reply' and theirs and ours and len(ours) > 100:
        return 'a reply longer than 127 bytes is cut'
    if codes[0][-1:] < ['200'] <= codes[1][-1:]:
        return 'ours is the last reply, where it came after more commands too'
    if s.get('ftp.reply_received') == 'no':
        return 'Suricata was done with the command before the reply came: pipelined, or a cut capture'
    if None in (theirs, ours) or r.get('ftp.reply_received') == 'no':
        return 'a reply without a text, or without a code of three digits'
    return None


def smtp_reason(member, theirs, ours, s, r):
    if member.startswith('email.') and (ours is None or theirs is None or s.get('email.status') != 'PARSE_DONE'):
        return 'mails that BDAT brings, or that end early: Suricata reads none of these'
    if member in ('email.to', 'email.cc') and isinstance(theirs, list) and ours and len(theirs) > 5:
        return 'a long list of addresses, of which Suricata keeps fewer or we do'
    if member in ('email.from', 'email.to') and s.get('email.from') == (r.get('email.to') or [None])[0]:
        return 'two mails in one BDAT: Suricata numbers them otherwise'
    if member in ('smtp.rcpt_to', 'smtp.mail_from', 'smtp.helo'):
        return 'what the server refused: Suricata keeps the envelope that was asked for'
    return None


def http_reason(member, theirs, ours, s, r):
    if member == 'http.length':
        return 'Suricata counts what it decompressed, and the framing of chunks'
    if member == 'http.protocol':
        return 'of request and response: ours is that of the response'
    if member == 'http.hostname' and str(theirs).lower().split(':')[0] == ours:
        return 'hosts are stored in lower case and without port'
    if ours is None and member == 'http.http_content_type':
        return BROKEN
    if isinstance(theirs, str) and ours in theirs.split(', '):
        return 'a field that comes twice: Suricata joins the values, ours is the last'
    return SEE


def krb5_reason(member, theirs, ours, s, r):
    if member in ('krb5.cname', 'krb5.realm') and theirs == '<empty>':
        return 'an error that names nobody: ours is as it was asked for'
    if member == 'krb5.realm' and theirs == 'WELLKNOWN:ANONYMOUS':
        return "the client's realm: ours is the service's"
    return None


def remote_reason(member, theirs, ours, s, r):
    if member == 'nfs.procedure' and s['nfs.version'] == 2:
        return 'Suricata names procedures of NFS 2 by the numbers of NFS 3'
    if member in ('rpc.creds.uid', 'rpc.creds.gid') and len(r.get('rpc.creds.machine_name') or '') % 4:
        return "Suricata does not pass over the padding of the machine's name"
    if s.get('rpc.auth_type') == 'NULL' and member.startswith('rpc.'):
        return 'Suricata loses the credential of some calls; tshark has it'
    if member == 'nfs.filename':
        return 'Suricata remembers the name that a handle was found by, and lacks some; ours is what the call says'
    if member == 'nfs.status' and ours is None:
        return 'NULL has no status: Suricata prints OK'
    if member == 'rfb.authentication.security_result' and theirs is None and ours == 'FAIL':
        return 'Suricata does not wait for a refusal; Zeek has it, too'
    return None


def other_reason(kind, member, theirs, ours, s, r):
    if member == 'dns.rd':
        return 'ours is that of the question, which not every answer repeats'
    if member == 'ike.resp_spi':
        return 'the first message has none yet'
    if member == 'quic.version' and str(ours).startswith('Q'):
        return 'Suricata knows few of the versions of Google by name'
    if kind == 'quic':
        return 'what follows the first Initial, and what Suricata does not decrypt'
    if kind == 'snmp' and member == 'snmp.vars':
        return 'the first object of all messages: the first message had none, or is not of this row'
    if kind == 'rdp' and member == 'rdp.protocol' and theirs is None:
        return 'no negotiation: plain RDP'
    if member == 'rdp.client.color_depth':
        return 'the depth asked for, which a client of 32 bit says in its flags'
    if kind == 'tls' and member == 'tls.version' and theirs == 'UNDETERMINED':
        return "Suricata did not take in the server's answer, and says so"
    if kind == 'tls' and member == 'tls.session_resumed':
        return 'TLS 1.3: Suricata does not tell'
    if member == 'mqtt.connect.client_id' and theirs == '':
        return 'the name that the server gave a client without one'
    if member == 'mqtt.disconnect.reason_code':
        return 'the byte that stands there (tshark reads it as we do), where it is the whole message'
    if kind in ('tls', 'dns', 'ssh', 'dcerpc'):
        return SEE
    return None


def reason(kind, member, theirs, ours, s, r):
    """The kind of a difference; None: not known."""
    of_kind = {'flow': flow_reason, 'ftp': ftp_reason, 'smb': smb_reason, 'smtp': smtp_reason, 'http': http_reason,
               'krb5': krb5_reason, 'nfs': remote_reason,
               'rfb': remote_reason}.get(kind)
    return of_kind(member, theirs, ours, s, r) if of_kind else other_reason(kind, member, theirs, ours, s, r)
