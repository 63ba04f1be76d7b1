"""Our rows of industrial protocols against the logs of ICSNPP (CISA's parsers for Zeek).

The stored logs have no times, so that messages are counted and not paired; some have no header, so
that columns go by number.
"""
import collections
import os
import re

FOLDERS = {
    'proto/icsnpp-bacnet/bacnet_error_reject_abort.pcap': 'bacnet/analyzer.error-reject-abort',
    'proto/icsnpp-dnp3/dnp3_example.pcap': 'dnp3/analyzer.basic',
    'proto/icsnpp-enip/traces/enip_cip_example.pcap': 'enip/analyzer.basic',
    'proto/icsnpp-enip/traces/set_attribute_single_service_cip.pcapng': 'enip/analyzer.set_attr_single_service',
    'proto/icsnpp-hart-ip/hart-ip_all_messageIDs.pcapng': 'hart-ip/tests.all_message_ids',
    'proto/icsnpp-modbus/modbus_example.pcap': 'modbus/analyzer.basic',
    'proto/icsnpp-s7comm/traces/s7comm_plus.pcap': 's7comm/analyzer.s7comm_plus',
    'proto/icsnpp-synchrophasor/traces/C37.118_1PMU_UDP_minimal_otherport.pcap':
        'synchrophasor/analyzer.1PMU_UDP_otherport',
}


def lines(path):
    """The cells of each line, times and connection ids with them."""
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        for line in f:
            if not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


def ends(row):
    return row['src_ip'], row['src_port'], row['dst_ip'], row['dst_port']


def their_ends(c):
    return c[2], int(c[3]), c[4], int(c[5])


def word(text):
    return re.sub(r'[^a-z0-9]+', '_', text.lower()).strip('_')


def sides(row):
    """For the request and the answer of a row, as far as they were seen: whether it asks."""
    if row.get('request_bytes'):
        yield True
    if row.get('answer_bytes'):
        yield False


def bacnet(c):
    return their_ends(c) + (c[13], c[14] if c[14] != '-' else None)


def our_bacnet(row):
    for asks in sides(row):
        function = row['function']
        if not asks and row.get('status', '').startswith(('reject', 'abort')):
            function = row['status'].split('_')[0]
        yield ends(row) + (function, str(row['id']) if 'id' in row else None)


def modbus(c):
    """Requests with an address; reading and writing at once is in a log of its own."""
    if c[9] == '-':
        return None
    return their_ends(c) + (int(c[6]), int(c[7]), c[8].lower(), int(c[9]))


def our_modbus(row):
    if 'address' in row and row['function'] != 'read_write_multiple_registers':
        yield ends(row) + (row['id'], row['unit'], row['function'], row['address'])


def s7comm(c):
    """ICSNPP reads the reference little-endian, tshark as we do."""
    reference = int(c[13])
    return their_ends(c) + ((reference & 0xff) << 8 | reference >> 8, int(c[14], 16))


def our_s7comm(row):
    if row['protocol'] == 's7comm' and row.get('function') != 'cotp_connect':
        for _ in sides(row):
            yield ends(row) + (row['id'], row['function_code'])


def s7plus(c):
    """Without direction: who opened a connection that is seen from its middle is a guess."""
    return c[12], word(c[15]) if c[15] != '-' else 'notification'


def our_s7plus(row):
    if row['protocol'] == 's7comm_plus':
        for asks in sides(row):
            code = '0x33' if row['function'] == 'notification' else '0x31' if asks else '0x32'
            yield code, row['function']


def enip(c):
    return their_ends(c) + (int(c[11], 16), c[6])


def our_enip(row):
    if row.get('function') == 'io_data':
        return
    for asks in sides(row):
        code = row['function_code']
        if row['protocol'] == 'cip':
            code = 0x70 if 'unit' in row else 0x6f
        yield ends(row) + (code, 'T' if asks == row['from_src'] else 'F')


def cip(c):
    return their_ends(c) + (int(c[13], 16), word(c[20]))


def our_cip(row):
    if row['protocol'] == 'cip':
        yield ends(row) + (row['function_code'], row.get('object'))


def hart_ip(c):
    return their_ends(c) + (c[10].lower(), word(c[11]), int(c[13]), int(c[14]))


def our_hart_ip(row):
    for asks in sides(row):
        yield ends(row) + ('request' if asks else 'response', row['function'], row['id'],
                           row['request_bytes' if asks else 'answer_bytes'])


def dnp3_control(c):
    if c[6] == 'F' or c[11] != 'Control Relay Output Block':
        return None
    trip = {'Close': ' close', 'Trip': ' trip'}.get(c[14], '')
    return their_ends(c) + (c[12].lower(), int(c[13]),
                            f'{word(c[15])}{trip} count={c[17]} on={c[18]} off={c[19]}')


def our_dnp3_control(row):
    m = re.match(r'g12v1 (count=\d+ on=\d+ off=\d+)', row.get('detail', ''))
    first = re.search(r' first=(.*?)(?: iin=|$)', row.get('detail', ''))
    if m:
        value = row.get('value') or first.group(1)
        yield ends(row) + (row['function'], row['address'], f'{value} {m.group(1)}')


def synchrophasor(c):
    return their_ends(c) + (word(c[10]),)


def our_synchrophasor(row):
    names = {'send_configuration_2': 'send_cfg_2', 'turn_off_transmission': 'data_off',
             'turn_on_transmission': 'data_on'}
    if row.get('operation') in ('control', 'discovery') and row.get('request_bytes'):
        yield ends(row) + (names.get(row['function'], row['function']),)


LOGS = {'bacnet.log': (bacnet, our_bacnet), 'modbus_detailed.log': (modbus, our_modbus),
        's7comm.log': (s7comm, our_s7comm), 's7comm_plus.log': (s7plus, our_s7plus), 'enip.log': (enip, our_enip),
        'cip.log': (cip, our_cip), 'hart_ip_general.log': (hart_ip, our_hart_ip),
        'dnp3_control.log': (dnp3_control, our_dnp3_control),
        'synchrophasor_cmd.log': (synchrophasor, our_synchrophasor)}


def compare(tally, corpora, name, rows):
    """Count our rows of a capture against the logs of ICSNPP that there are of it."""
    if name not in FOLDERS:
        return
    folder = os.path.join(corpora, 'truth', 'cisagov+icsnpp-' + FOLDERS[name])
    for log, (theirs, ours) in LOGS.items():
        path = os.path.join(folder, log)
        if not os.path.isfile(path):
            continue
        there = collections.Counter(v for c in lines(path) if (v := theirs(c)) is not None)
        here = collections.Counter(v for r in rows if 'src_ip' in r for v in ours(r))
        n, same = max(sum(there.values()), sum(here.values())), sum((there & here).values())
        tally.count_all('icsnpp', log[:-4], n, same, None, (name, dict(there - here), dict(here - there)))
