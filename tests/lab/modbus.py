#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plant that answers Modbus, and an intruder who sends again what he has recorded of it.

usage: modbus.py plant ADDRESS                        a level and a flow that wander, until killed
       modbus.py answers RECORDING ADDRESS SKIP COUNT  answer with COUNT recorded answers, over and over
       modbus.py writes RECORDING ADDRESS SKIP COUNT   send COUNT recorded writes once more

Nothing of what is sent again is made up: the bytes are those of the recording (a pcap file, still being
written), but for the transaction number of an answer, which must be that of its request.
"""
import random
import socket
import struct
import sys
import threading
import time

PORT = 502
HEADER = 7  # bytes of MBAP: transaction, protocol, length, unit
WRITES = (5, 6, 15, 16)


def segments(path):
    """(source port, destination port, payload) of each TCP segment with data in a pcap of Ethernet."""
    with open(path, 'rb') as f:
        data = f.read()
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from('<I', data, at + 8)[0]
        frame, at = data[at + 16:at + 16 + size], at + 16 + size
        ip = frame[14:]
        if len(ip) < 40 or frame[12:14] != b'\x08\x00' or ip[9] != 6:
            continue
        end = struct.unpack_from('>H', ip, 2)[0]
        tcp = ip[(ip[0] & 15) * 4:end]
        payload = tcp[(tcp[12] >> 4) * 4:]
        if payload:
            yield *struct.unpack_from('>HH', tcp), payload


def plant(address):
    from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
    from pymodbus.server import StartTcpServer
    block = ModbusSequentialDataBlock(0, [0] * 100)

    def wander():
        level, flow = 20000.0, 5000.0
        while True:
            level += random.gauss(0, 40)
            flow += random.gauss(0, 25)
            block.setValues(1, [int(level), int(flow)])
            time.sleep(0.1)

    threading.Thread(target=wander, daemon=True).start()
    store = ModbusSlaveContext(di=block, co=block, hr=block, ir=block)
    StartTcpServer(context=ModbusServerContext(slaves=store, single=True), address=(address, PORT))


def answers(recording, address, skip, count):
    recorded = [p for source, _, p in segments(recording) if source == PORT][skip:skip + count]
    server = socket.create_server((address, PORT))
    given = 0
    while True:
        peer, _ = server.accept()
        while (request := peer.recv(260)):
            peer.sendall(request[:2] + recorded[given % len(recorded)][2:])
            given += 1


def writes(recording, address, skip, count):
    recorded = [p for _, to, p in segments(recording) if to == PORT and len(p) > HEADER and p[HEADER] in WRITES]
    for payload in recorded[skip:skip + count]:
        with socket.create_connection((address, PORT)) as peer:
            peer.sendall(payload)
            peer.recv(260)
        time.sleep(0.5)


def main():
    what, *args = sys.argv[1:]
    if what == 'plant':
        plant(*args)
    else:
        {'answers': answers, 'writes': writes}[what](args[0], args[1], int(args[2]), int(args[3]))


if __name__ == '__main__':
    main()
