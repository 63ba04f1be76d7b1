"""The values that table ot keeps (value, digest) held against tshark's: columns for ot_specs.py."""
import struct

MASK = (1 << 64) - 1
PUBLIC = 0x6477656c6c2d6964, 0x30303030302d7631  # src/base/hash.c: the key of what is the same everywhere


def rotate(x, b):
    return (x << b | x >> (64 - b)) & MASK


def sip_hash(key, data):
    """SipHash-1-3 (Aumasson and Bernstein 2012), as in src/base/hash.c."""
    k0, k1 = key
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    whole = len(data) // 8 * 8
    words = [int.from_bytes(data[i:i + 8], 'little') for i in range(0, whole, 8)]
    words.append(int.from_bytes(data[whole:], 'little') | (len(data) & 0xff) << 56)
    for m in words:
        v[3] ^= m
        rounds(1)
        v[0] ^= m
    v[2] ^= 0xff
    rounds(3)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def digest(*pieces):
    """The digest of values that were taken in one after the other; None: there are none."""
    d = -1
    for piece in pieces:
        if piece:
            d = sip_hash((PUBLIC[0] ^ (d & MASK), PUBLIC[1]), piece) & 0xffffffff
    return d if d >= 0 else None


def of_functions(column, *functions):
    return lambda row: row.get(column) if row.get('function_code') in functions else None


def modbus_written(values):
    """What the functions 5 and 6 write; not compared where a packet holds several messages."""
    if len(values['modbus.func_code']) != 1 or values['modbus.func_code'][0] not in ('5', '6'):
        return None
    data = values['modbus.data'][0] if values['modbus.data'] else ''
    if values['modbus.func_code'][0] == '5':
        return [{'ff00': 'on', '0000': 'off'}.get(data, 'illegal')]
    return [str(int(data, 16))] if data else None


def modbus_read(values):
    """The digest of the registers of an answer."""
    if len(values['modbus.func_code']) != 1 or values['modbus.func_code'][0] not in ('3', '4'):
        return None
    registers = [int(t) for t in values['modbus.regval_uint16']]
    return [digest(struct.pack(f'>{len(registers)}H', *registers))] if registers else None


def s7_data(values):
    """The digest of what is read or written: the bytes of each item."""
    if values['s7comm.param.func'] not in (['0x04'], ['0x05']):
        return None
    items = [bytes.fromhex(t) for t in values['s7comm.resp.data']]
    return [digest(*items)] if items else None


def iec104_value(values):
    """The value of a message with one object."""
    if values['iec60870_asdu.numix'] != ['1']:
        return None
    if values['iec60870_asdu.float']:
        return [f'{float(values["iec60870_asdu.float"][0]):.5g}']
    if values['iec60870_asdu.scalval']:
        return values['iec60870_asdu.scalval'][:1]
    if values['iec60870_asdu.siq.spi'] or values['iec60870_asdu.sco.on']:
        bit = (values['iec60870_asdu.siq.spi'] + values['iec60870_asdu.sco.on'])[0]
        return ['on' if bit in ('1', 'True') else 'off']
    return None


def iec104_ours(row):
    """Numbers as far as tshark prints them."""
    if row.get('count') != 1 or 'value' not in row:
        return None
    try:
        return f'{float(row["value"]):.5g}' if row['function'].startswith(('m_me_nc', 'm_me_tf', 'c_se_nc', 'c_se_tc')) \
            else row['value']
    except ValueError:
        return row['value']


OPERATIONS = ['nul', 'pulse_on', 'pulse_off', 'latch_on', 'latch_off']


def dnp3_value(values):
    """What a message with one relay output does."""
    if values['dnp3.ctl.op'] and len(values['dnp3.ctl.op']) == 1 and values['dnp3.al.func'] in (['3'], ['4'], ['5'], ['6']):
        return [OPERATIONS[int(values['dnp3.ctl.op'][0], 0)]]
    return None


def dnp3_ours(row):
    return row['value'].split(' ')[0] if row.get('object') == 'control_relay_output_block' and 'value' in row else None
