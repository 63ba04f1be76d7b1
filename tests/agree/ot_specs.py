"""Which column of table ot is which field of tshark's, by protocol, and the known differences."""
import re

import ot_values


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


def firsts(field):
    """The first value of a packet."""
    return lambda values: [number(t) for t in values[field][:1]]


def after_slash(row):
    return row['detail'].split('/', 1)[1].split(' ')[0] if '/' in row.get('detail', '') else None


def mms_answered(row):
    """The service that an answer names; errors name none."""
    return row.get('function_code') if row.get('status') in ('ok',) or 'object' in row else None


def enip_bare(values):
    return [int(t, 0) for t in values['enip.command'] if int(t, 0) not in (0x6f, 0x70)]


def enip_bare_status(values):
    return [int(t, 0) for t in values['enip.status'] if int(t, 0)]


def enip_status(row):
    return None if row.get('status') in ('ok', None) else 'error'


def cip_service(values):
    """The service, without the bit that answers have. Of an unconnected send what is inside; services
    that share a message our row only counts, so of several such messages only their own is taken."""
    services = [int(t, 0) & 0x7f for t in values['cip.service']]
    if services[0] == 0x0a:
        return [v for v in services if v == 0x0a]
    inside = services[0] == 0x52 and values['cip.class'][:1] in (['0x06'], ['0x6'], ['6']) and len(services) > 1
    return services[1:2] if inside else services[:1]


def cip_first(field):
    """The first value of a packet; None, which is not compared, where it holds several messages."""
    return lambda values: [number(t) for t in values[field][:1]] if len(values['enip.command']) < 2 else None


def cip_last(field):
    return lambda values: [number(t) for t in values[field][:1]]


CIP_STATUSES = {'ok': 0, 'connection_failure': 1, 'path_segment_error': 4, 'path_destination_unknown': 5,
                'partial_transfer': 6, 'service_not_supported': 8, 'invalid_attribute_value': 9,
                'attribute_list_error': 10, 'attribute_not_settable': 14, 'privilege_violation': 15,
                'not_enough_data': 19, 'attribute_not_supported': 20, 'too_much_data': 21,
                'object_does_not_exist': 22, 'embedded_service_error': 30, 'general_error': 255}


def cip_status(row):
    return CIP_STATUSES.get(row.get('status'))


BACNET_LINK = ('foreign_device', 'broadcast_distribution', 'bvlc_result', 'secure_bvll')


def bacnet_function(row):
    """The service; messages of the virtual link have none."""
    return None if any(w in row['function'] for w in BACNET_LINK) else row.get('function_code')


def bacnet_instance(row):
    return row.get('address') if 'object' in row else None


def bacnet_kind(capture, field, theirs, mine, values):
    if field == 'function_code' and (values['bacapp.reject_reason'] or values['bacapp.abort_reason']):
        return 'a reject or abort names no service; our row has that of its request'
    if field == 'error' and not mine and values['bacapp.type'] == ['3']:
        return 'an answer to a read of several properties has an error for one of them'
    if field in ('id', 'function_code') and capture.endswith('bacnet-stack-services.pcap') and not mine:
        return 'tshark reads a message of protocol version 16 as if it were version 1'
    return None


def bacnet_failed(row):
    return None if row.get('status', 'ok') in ('ok', 'nak') else 'failed'


def opcua_request(row):
    return row.get('function_code')


def opcua_service(values):
    """The type of a request; that of an answer is its request's and 3."""
    types = []
    for t in map(int, values['opcua.servicenodeid.numeric']):
        answers = t not in OPCUA_REQUESTS and t != 397
        types.append(t if not answers else t - (1 if t > 12000 else 3))
    return types


OPCUA_REQUESTS = {422, 428, 437, 446, 452, 461, 467, 473, 479, 527, 533, 554, 560, 566, 631, 664, 673, 712, 751,
                  763, 769, 775, 781, 787, 793, 799, 826, 832, 841, 847, 12208, 12211}


def opcua_kind(capture, field, theirs, mine, values):
    if field == 'unit' and not theirs and values['opcua.servicenodeid.numeric'] == ['446']:
        return 'a channel is asked for without a number; our row has the one that its answer gives'
    return None


def opcua_good(row):
    return None if 'status' not in row or row['function'] == 'hello' else int(row['status'] != 'ok')


def opcua_result(values):
    return [int(int(t, 0) >> 30 != 0) for t in values['opcua.ServiceResult']]


def sync_command(row):
    return row.get('function_code') if row.get('operation') in ('control', 'discovery', 'other') else None


def sync_unit(values):
    kinds = [int(t, 0) for t in values['synphasor.frtype']]
    return [int(u) for u, k in zip(values['synphasor.idcode_stream_source'], kinds) if k]


def goose_state(row):
    m = re.search(r' state=(\d+)', row['detail'])
    return int(m.group(1)) if m else None


def goose_kind(capture, field, theirs, mine, values):
    if capture.endswith('malformed_asn1.pcap') and not mine:
        return 'a frame whose first element is damaged makes no row'
    if '_missing_' in capture and not theirs:
        return 'tshark stops where an element is missing; we read on'
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
        Column('value', ['modbus.data', 'modbus.func_code'], 'request', our=ot_values.of_functions('value', 5, 6),
               their=ot_values.modbus_written),
        Column('digest', ['modbus.regval_uint16', 'modbus.func_code'], 'answer',
               our=ot_values.of_functions('digest', 3, 4), their=ot_values.modbus_read),
    ]),
    Spec('dnp3', 'dnp3', 'dnp3.al.func', [
        Column('id', 'dnp3.al.seq'),
        Column('function_code', 'dnp3.al.func', 'request'),
        Column('objects', 'dnp3.al.obj', 'request', our=dnp3_objects, their=dnp3_first_object),
        Column('iin', 'dnp3.al.iin', 'answer', our=dnp3_iin),
        Column('value', ['dnp3.ctl.op', 'dnp3.al.func'], 'request', our=ot_values.dnp3_ours,
               their=ot_values.dnp3_value),
    ], kind=dnp3_kind),
    Spec('iec104', '104', 'iec60870_asdu', [
        Column('function_code', 'iec60870_asdu.typeid'),
        Column('unit', 'iec60870_asdu.addr'),
        Column('origin', 'iec60870_asdu.oa'),
        Column('count', 'iec60870_asdu.numix'),
        Column('cause', 'iec60870_asdu.causetx', our=iec104_cause),
        Column('address', 'iec60870_asdu.ioa', their=iec104_first),
        Column('value', ['iec60870_asdu.float', 'iec60870_asdu.scalval', 'iec60870_asdu.siq.spi',
                         'iec60870_asdu.sco.on', 'iec60870_asdu.numix'], 'request', our=ot_values.iec104_ours,
               their=ot_values.iec104_value),
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
        Column('read', ['s7comm.resp.data', 's7comm.param.func'], 'answer', our=ot_values.of_functions('digest', 4),
               their=ot_values.s7_data),
        Column('written', ['s7comm.resp.data', 's7comm.param.func'], 'request', our=ot_values.of_functions('digest', 5),
               their=ot_values.s7_data),
    ], kind=s7_kind, mine=lambda r: r.get('function') != 'cotp_connect'),
    Spec('mms', 'mms', 'mms', [
        Column('id', 'mms.invokeID'),
        Column('function_code', ['mms.confirmedServiceRequest'], 'request'),
        Column('answered', ['mms.confirmedServiceResponse'], 'answer', our=mms_answered),
        Column('item', 'mms.itemId', 'request', our=lambda r: after_slash(r), their=firsts('mms.itemId')),
    ], mine=lambda r: r.get('function') != 'cotp_connect'),
    Spec('enip', 'enip|ethernetIP', 'enip', [
        Column('command', 'enip.command', our=lambda r: r.get('function_code') if r['protocol'] == 'enip' else None,
               their=enip_bare),
        Column('status', 'enip.status', 'answer', our=enip_status, their=enip_bare_status),
    ], mine=lambda r: r['protocol'] == 'enip', protocols={'enip'}),
    Spec('cip', 'enip|ethernetIP|cip', 'cip.service', [
        Column('function_code', ['cip.service', 'cip.class'], their=cip_service),
        Column('id', 'cip.seq'),
        Column('unit', 'enip.cpf.cai.connid', 'request'),
        Column('instance', ['cip.instance', 'enip.command'], 'request', our=lambda r: r.get('address'), their=cip_first('cip.instance')),
        Column('status', 'cip.genstat', 'answer', our=cip_status, their=cip_last('cip.genstat')),
    ], mine=lambda r: r.get('function') != 'io_data'),
    Spec('bacnet', 'bacnet|BACNET|BACnet', 'bvlc', [
        Column('id', 'bacapp.invoke_id'),
        Column('function_code', ['bacapp.confirmed_service', 'bacapp.unconfirmed_service', 'bacnet.mesgtyp'],
               our=bacnet_function),
        Column('object', 'bacapp.instance_number', 'request', our=lambda r: bacnet_instance(r),
               their=firsts('bacapp.instance_number')),
        Column('error', ['bacapp.error_code', 'bacapp.reject_reason', 'bacapp.abort_reason', 'bacapp.type'], 'answer',
               our=bacnet_failed, their=lambda v: ['failed' for f in v for t in v[f]
                                                   if f.endswith(('error_code', 'reason'))]),
    ], kind=bacnet_kind),
    Spec('opcua', 'opc', 'opcua.transport.type', [
        Column('id', 'opcua.security.rqid'),
        Column('unit', 'opcua.transport.scid', their=lambda v: [int(t) for t in v['opcua.transport.scid'] if t != '0']),
        Column('function_code', 'opcua.servicenodeid.numeric', our=opcua_request, their=opcua_service),
        Column('status', 'opcua.ServiceResult', 'answer', our=opcua_good, their=opcua_result),
    ], kind=opcua_kind),
    Spec('synchrophasor', 'c37118|synchrophasor|C37', 'synphasor', [
        Column('kind', 'synphasor.frtype', our=lambda r: None, their=lambda v: []),
        Column('command', 'synphasor.command', 'request', our=sync_command),
        Column('unit', 'synphasor.idcode_stream_source', our=lambda r: None if r['function'] == 'data' else r['unit'],
               their=sync_unit),
    ], mine=lambda r: r['function'] != 'data', usable=lambda v: v['synphasor.frtype'] != ['0x0000']),
    Spec('hart_ip', 'hart', 'hart_ip', [
        Column('id', 'hart_ip.transaction_id'),
        Column('function_code', 'hart_ip.message_id'),
        Column('command', 'hart_ip.pt.command', 'request', our=lambda r: r.get('address')
               if r['function_code'] == 3 else None),
    ]),
    Spec('goose', 'GOOSE|goose', 'goose', [
        Column('unit', 'goose.appid'),
        Column('id', 'goose.sqNum'),
        Column('count', 'goose.numDatSetEntries'),
        Column('state', 'goose.stNum', our=goose_state),
        Column('name', 'goose.gocbRef', our=lambda r: r['detail'].split(' ')[0] or None),
    ], kind=goose_kind),
    Spec('pn_dcp', 'profinet|pn_dcp', 'pn_dcp', [
        Column('function_code', 'pn_dcp.service_id'),
        Column('id', 'pn_dcp.xid'),
    ], protocols={'profinet'}, mine=lambda r: 'src_mac' in r and 'function_code' in r),
    Spec('profinet', 'dcerpc.pcap|profinet', 'dcerpc', [
        Column('function_code', 'dcerpc.opnum'),
        Column('kind', 'dcerpc.pkt_type', our=lambda r: None, their=lambda v: []),
        Column('index', 'pn_io.index', 'request', our=lambda r: r.get('address'), their=firsts('pn_io.index')),
    ], mine=lambda r: 'src_ip' in r),
]
