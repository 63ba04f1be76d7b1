"""Which column of table ot is which field of tshark's, by protocol, and the known differences."""
import re


def named(capture):
    """Whether a capture's name says that it holds one of these protocols."""
    return any(s.named(capture) for s in SPECS)


class Column:
    """A column of ours, its tshark fields, and of which messages: request, answer, both."""

    def __init__(self, name, theirs, of='both', our=None, their=None):
        self.name, self.of = name, of
        self.theirs = [theirs] if isinstance(theirs, str) else theirs
        self.our = our or (lambda row: row.get(name))
        self.their = their or (lambda v: [number(t) for f in self.theirs for t in v[f]])


class Spec:
    """What of tshark's to show, its columns, words in the names of captures that hold it, and which of
    our rows are meant."""

    def __init__(self, name, words, shown, columns, protocols=None, kind=None, usable=None, extra=(), mine=None):
        self.words = re.compile(words)
        self.name, self.shown, self.columns = name, shown, columns
        self.protocols = protocols or {name}
        self.kind = kind or (lambda *_: None)
        self.usable, self.extra, self.mine = usable, list(extra), mine or (lambda row: True)

    def named(self, capture):
        """Whether the capture's name says that it holds this protocol."""
        return self.words.search(capture) is not None


def number(text):
    """A number as tshark prints it: decimal or hexadecimal."""
    try:
        return int(text, 0)
    except ValueError:
        return text


MODBUS_ERRORS = {1: 'illegal_function', 2: 'illegal_data_address', 3: 'illegal_data_value',
                 4: 'slave_device_failure', 5: 'acknowledge', 6: 'slave_device_busy',
                 8: 'memory_parity_error', 10: 'gateway_path_unavailable',
                 11: 'gateway_target_device_failed_to_respond'}




def error_of(names, field):
    return lambda v: [names.get(number(t), t) for t in v[field]]


def no_ok(row):
    return row.get('status') if row.get('status') not in ('ok', 'umas_error') else None


def dnp3_objects(row):
    """The first object header of a request, as tshark counts group and variation."""
    m = re.match(r'g(\d+)v(\d+)', row.get('detail', ''))
    return int(m.group(1)) << 8 | int(m.group(2)) if m else None


def dnp3_first_object(values):
    return [number(t) for t in values['dnp3.al.obj'][:1]]


def dnp3_iin(row):
    m = re.search(r'iin=(\d+)', row.get('detail', ''))
    return int(m.group(1)) if m else None


def dnp3_kind(capture, field, theirs, mine, values):
    if field == 'objects' and not theirs and '18' in values['dnp3.al.func']:
        return 'tshark reads no objects behind "stop application", which has them'
    if capture.endswith('dnp3_example.pcap') and field in ('id', 'iin') and len(mine) == 1:
        return 'tshark joins a segment to an earlier message of the same segment number'
    return None


IEC104_CAUSES = {
    'periodic': 1, 'background_scan': 2, 'spontaneous': 3, 'initialized': 4, 'request': 5, 'activation': 6,
    'activation_confirmation': 7, 'deactivation': 8, 'deactivation_confirmation': 9,
    'activation_termination': 10, 'return_remote_command': 11, 'file_transfer': 13,
    'interrogated_by_station': 20, 'unknown_type': 44, 'unknown_cause': 45, 'unknown_common_address': 46,
    'unknown_object_address': 47}


def iec104_cause(row):
    return IEC104_CAUSES.get(row.get('detail', '').split(' ')[-1 if row.get('answer_bytes') else 0])


def iec104_control(values):
    names = {1: 'startdt', 2: 'startdt', 4: 'stopdt', 8: 'stopdt', 16: 'testfr', 32: 'testfr'}
    return [names.get(number(t)) for t in values['iec60870_104.utype']]


def iec104_first(values):
    """The first object of each ASDU of a packet."""
    objects, out, at = values['iec60870_asdu.ioa'], [], 0
    for count in values['iec60870_asdu.numix']:
        out.append(number(objects[at]))
        at += int(count)
    return out


def s7_function(row):
    return row.get('function_code')


def s7_address(row):
    return row.get('address')


def s7_addresses(values):
    return [(int(t, 0) & 0xffffff) >> 3 for t in values['s7comm.param.item.address'][:1]]


S7_USERDATA = {'mode_transition', 'programmer_commands', 'cyclic_data', 'block_functions', 'cpu_functions',
               'security', 'pbc_bsend_brecv', 'time_functions', 'nc_programming'}


def s7_error(row):
    """The error class of jobs; other messages have none."""
    if row.get('function') in S7_USERDATA or row.get('function') == 'cotp_connect':
        return None
    m = re.search(r'error=0x(..)', row.get('detail', ''))
    return int(m.group(1), 16) if m else 0


def s7_kind(capture, field, theirs, mine, values):
    if field == 'function_code' and not theirs and values['s7comm.header.rosctr'] in (['2'], ['3']):
        return 'an answer without parameters does not repeat the function; our row has that of its request'
    return None


SPECS = [
    Spec('modbus', 'modbus|umas|^ot-', 'mbtcp', [
        Column('id', 'mbtcp.trans_id'),
        Column('unit', 'mbtcp.unit_id'),
        Column('function_code', 'modbus.func_code'),
        Column('address', ['modbus.reference_num', 'modbus.write_reference_num'], 'request'),
        Column('count', ['modbus.word_cnt', 'modbus.bit_cnt'], 'request',
               our=lambda r: r.get('count') if r['function_code'] in (1, 2, 3, 4, 15, 16) else None),
        Column('status', 'modbus.exception_code', 'answer', our=no_ok,
               their=error_of(MODBUS_ERRORS, 'modbus.exception_code')),
    ]),
    Spec('dnp3', 'dnp3', 'dnp3.al.func', [
        Column('id', 'dnp3.al.seq'),
        Column('function_code', 'dnp3.al.func', 'request'),
        Column('objects', 'dnp3.al.obj', 'request', our=dnp3_objects, their=dnp3_first_object),
        Column('iin', 'dnp3.al.iin', 'answer', our=dnp3_iin),
    ], kind=dnp3_kind),
    Spec('iec104', '104', 'iec60870_asdu', [
        Column('function_code', 'iec60870_asdu.typeid'),
        Column('unit', 'iec60870_asdu.addr'),
        Column('origin', 'iec60870_asdu.oa'),
        Column('count', 'iec60870_asdu.numix'),
        Column('cause', 'iec60870_asdu.causetx', our=iec104_cause),
        Column('address', 'iec60870_asdu.ioa', their=iec104_first),
    ], mine=lambda r: 'function_code' in r),
    Spec('iec104_control', '104', 'iec60870_104.utype', [
        Column('function', 'iec60870_104.utype', our=lambda r: r['function'], their=iec104_control),
    ], protocols={'iec104'}, mine=lambda r: 'function_code' not in r),
    Spec('s7comm', 's7|S7', 's7comm', [
        Column('id', 's7comm.header.pduref'),
        Column('kind', 's7comm.header.rosctr', our=lambda r: None, their=lambda v: []),
        Column('function_code', ['s7comm.param.func', 's7comm.param.userdata.funcgroup'], our=s7_function),
        Column('address', 's7comm.param.item.address', 'request', our=s7_address, their=s7_addresses),
        Column('error', ['s7comm.header.errcls'], 'answer', our=s7_error),
    ], kind=s7_kind, mine=lambda r: r.get('function') != 'cotp_connect'),
]
