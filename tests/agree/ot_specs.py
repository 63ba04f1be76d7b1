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
    """What of tshark's to show, its columns, and words in the names of captures that hold it."""

    def __init__(self, name, words, shown, columns, protocols=None, kind=None, usable=None, extra=()):
        self.words = re.compile(words)
        self.name, self.shown, self.columns = name, shown, columns
        self.protocols = protocols or {name}
        self.kind = kind or (lambda *_: None)
        self.usable, self.extra = usable, list(extra)

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
]
