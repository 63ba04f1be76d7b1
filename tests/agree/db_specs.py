# SPDX-License-Identifier: Apache-2.0
"""Which fields of tshark and which columns of Zeek's logs are which columns of db, login and mq."""
import os
import re

NOT_SEEN = 'an answer that the capture does not hold'


class Field:
    """A field of tshark: ours(row) is our value, or None where the row has none to compare."""

    def __init__(self, name, field, ours, convert=lambda v: v, kind=None, lists=False):
        self.name, self.field, self.ours, self.convert = name, field, ours, convert
        self.kind, self.lists = kind, lists


class Tshark:
    def __init__(self, name, shown, columns, words, options=()):
        self.name, self.shown, self.columns, self.words = name, shown, columns, words
        self.options = list(options)

    def named(self, capture):
        return any(w in capture.lower() for w in self.words)


class Column:
    """A column of a log of Zeek: theirs(row of it), mine(row of ours)."""

    def __init__(self, name, mine, theirs=None, kind=None):
        self.name, self.mine, self.kind = name, mine, kind
        self.theirs = theirs or (lambda z: text(z[name]))


class Zeek:
    def __init__(self, name, ours, columns, baselines=None, keep=lambda z: True):
        self.name, self.ours, self.columns, self.baselines = name, ours, columns, baselines or {}
        self.keep = keep  # the rows of the log to look at

    def truths(self, corpora, capture):
        truth = os.path.join(corpora, 'truth')
        yield os.path.join(truth, 'zeek-run', capture, self.name + '.log')
        if capture in self.baselines:
            yield os.path.join(truth, 'zeek', self.baselines[capture], self.name + '.log')


def text(cell):
    """A text of Zeek's log as it stands for."""
    return {'-': None, '(empty)': '', 'T': True, 'F': False}.get(cell, cell)


def plain(value):
    """Without the escapes that both write for bytes that are no text."""
    return None if value is None else re.sub(r'\\x[0-9a-f]{2}|\\[abfnrtv]|[\x00-\x1f]', '.', value)


def is_table(table, protocol, *commands):
    return lambda r: r['table'] == table and r['protocol'] == protocol and (
        not commands or r.get('command') in commands)


def of(table, column, *commands, convert=lambda v: v):
    """Our value of a column where the row is of that table and one of these commands."""
    def value(r):
        if r['table'] != table or (commands and r.get('command') not in commands) or column not in r:
            return None
        return convert(r[column])
    return value


MYSQL_COMMANDS = ('sleep quit init_db query field_list create_db drop_db refresh shutdown statistics process_info '
                  'connect process_kill debug ping time delayed_insert change_user binlog_dump table_dump '
                  'connect_out register_slave stmt_prepare stmt_execute stmt_send_long_data stmt_close '
                  'stmt_reset set_option stmt_fetch daemon binlog_dump_gtid reset_connection clone').split()


def mysql_command(number):
    return MYSQL_COMMANDS[int(number)] if int(number) < len(MYSQL_COMMANDS) else None


def mysql_row(r):
    return r['protocol'] == 'mysql' and (r['table'] == 'db' or (
        r['table'] == 'login' and 'user' in r and not (r.get('changed'))))


def mysql_argument(r):
    if r['table'] == 'login':
        return r['user']
    return r.get('argument', '')


def secrets(_name, _field, theirs, mine):
    """Why a statement differs."""
    return 'a password is taken out' if mine is not None and 'REDACTED' in mine else None


def tag_rows(tag):
    found = re.search(r' (\d+)$', tag)
    return int(found.group(1)) if found else None


def error_code(code):
    return code if not code.startswith('00') else None  # notices


def pg_code(_name, _field, theirs, mine):
    return 'of a logon: login.status holds its words' if theirs[:2] in ('28', '3D') else (
        'of a notice' if theirs[:2] in ('00', '01', '02') else None)


def scram(mechanism):
    return mechanism if mechanism.startswith('scram') else None


def offered(_name, _field, theirs, mine):
    return 'the server offers it and the client takes another'


CONNECTED = {'Connection Accepted': 'accepted', 'Connection Refused: not authorized': 'not authorized'}
QUALITIES = ['at most once', 'at least once', 'exactly once']

def tds_procedure(r):
    """Those that tshark names: it shows well-known ones as numbers."""
    name = r.get('object') if r['table'] == 'db' and r['command'] == 'call' else None
    return None if name in ('sp_prepexec', 'sp_execute', 'sp_unprepare') else name


def tds_turned(name, _field, _theirs, mine):
    return 'only the client is seen, and its port is taken for the server\'s' if (
        mine is None and name.endswith('mssql_tds.pcap')) else None


def mongo_command():
    """Of all names in documents those that are commands."""
    commands = {'ismaster', 'isMaster', 'hello', 'getnonce', 'find', 'insert', 'saslStart', 'buildInfo'}
    return lambda name: name if name in commands else None


TSHARK = [
    Tshark('mysql', 'mysql', [
        Field('command', 'mysql.command', of('db', 'command'), mysql_command),
        Field('query', 'mysql.query', of('db', 'argument', 'query', 'stmt_prepare', convert=plain), plain),
        Field('user', 'mysql.user', of('login', 'user')),
        Field('server', 'mysql.version', of('login', 'server')),
        Field('error', 'mysql.error.message', lambda r: r.get('response', r.get('status'))),
    ], ['mysql']),
    Tshark('postgresql', 'pgsql', [
        Field('query', 'pgsql.query', of('db', 'argument', 'query', 'parse', convert=plain), plain, secrets),
        Field('tag', 'pgsql.tag', of('db', 'rows', 'query', 'execute'), tag_rows),
        Field('code', 'pgsql.code', of('db', 'code'), error_code, pg_code),
        Field('mechanism', 'pgsql.auth.sasl.mech', of('login', 'mechanism', convert=scram), str.lower, offered),
    ], ['pgsql', 'postgres', 'psql']),
    Tshark('mqtt', 'mqtt', [
        Field('topic', 'mqtt.topic', of('mq', 'topics'), lists=True),
        Field('client', 'mqtt.clientid', of('login', 'client')),
        Field('user', 'mqtt.username', of('login', 'user')),
        Field('will', 'mqtt.willtopic', of('mq', 'will_topic')),
        Field('granted', 'mqtt.suback.qos', of('mq', 'codes', 'subscribe'), int, lists=True),
        Field('code', 'mqtt.conack.val', of('mq', 'codes', 'connect', 'connack'), int, lists=True),
    ], ['mqtt']),
    Tshark('tds', 'tds', [
        Field('query', 'tds.query', of('db', 'argument', 'batch', convert=plain), plain),
        Field('procedure', 'tds.rpc.name', tds_procedure, kind=tds_turned),
        Field('user', 'tds.7login.username', of('login', 'user')),
        Field('database', 'tds.7login.databasename', of('login', 'target')),
    ], ['tds']),
    Tshark('mongodb', 'mongo', [
        Field('database', 'mongo.database_name', lambda r: r['object'].split('.')[0] if 'object' in r else None),
        Field('first name', 'mongo.element.name', lambda r: r['command'], mongo_command()),
    ], ['mongo'], ['-d', 'tcp.port==30000,mongo']),
    Tshark('memcached', 'memcache', [
        Field('command', 'memcache.command', of('db', 'command'), lambda v: None if v == 'STAT' else v),
    ], ['memcache']),
    Tshark('amqp', 'amqp', [
        Field('routing key', 'amqp.method.arguments.routing_key', of('mq', 'topics'), lists=True),
        Field('exchange', 'amqp.method.arguments.exchange', of('mq', 'object', 'basic.publish', 'basic.deliver')),
        Field('size', 'amqp.header.body-size', of('mq', 'payload_bytes', 'basic.publish', 'basic.deliver'), int),
    ], ['amqp']),
]

ZEEK = [
    Zeek('mysql', mysql_row, [
        Column('cmd', lambda r: 'login' if r['table'] == 'login' else r['command']),
        Column('arg', mysql_argument),
        Column('success', lambda r: r.get('success')),
        Column('response', lambda r: r.get('response', r.get('status') if r['table'] == 'login' else None)),
    ]),
    Zeek('postgresql', lambda r: r['protocol'] == 'postgresql' and r['table'] == 'db', [
        Column('frontend_arg', lambda r: r.get('argument'), kind=secrets),
        Column('success', lambda r: r.get('success')),
        Column('rows', lambda r: str(r.get('rows', 0))),
    ], {'proto/zeek/postgresql/greenhouse-app.pcap': 'scripts.base.protocols.postgresql.greenhouse-app'},
         lambda z: z['frontend'] == 'simple_query'),
]


def mq(*commands):
    return lambda r: r['table'] == 'mq' and r['protocol'] == 'mqtt' and r['command'] in commands


def flag(column):
    return lambda r: r.get(column, False)


def first(column):
    return lambda r: str(r[column][0]) if r.get(column) else None


ZEEK += [
    Zeek('mqtt_connect', mq('connect', 'connack'), [
        Column('proto_version', lambda r: r.get('version')),
        Column('client_id', lambda r: r.get('client_id')),
        Column('connect_status', lambda r: r.get('status'), lambda z: CONNECTED.get(z['connect_status'])),
        Column('will_topic', lambda r: r.get('will_topic')),
    ]),
    Zeek('mqtt_publish', mq('publish'), [
        Column('from_client', flag('from_src')),
        Column('retain', flag('retain')),
        Column('qos', lambda r: QUALITIES[r['qos'][0]]),
        Column('status', lambda r: 'ok' if r['complete'] else 'incomplete_qos'),
        Column('topic', lambda r: r['topics'][0]),
        Column('payload_len', lambda r: str(r['payload_bytes'])),
    ]),
    Zeek('mqtt_subscribe', mq('subscribe', 'unsubscribe'), [
        Column('action', lambda r: 'MQTT::' + r['command'].upper()),
        Column('topics', lambda r: ','.join(r['topics'])),
        Column('qos_levels', lambda r: ','.join(map(str, r['qos'])) or None),
        Column('granted_qos_level', first('codes')),
        Column('ack', flag('complete')),
    ]),
]


REDIS = {f'proto/zeek/redis/{capture}.pcap': f'scripts.base.protocols.redis.{test}' for capture, test in (
    ('client-skip-while-off', 'client-skip-while-off'), ('excessive-pipelining', 'excessive-pipelining'),
    ('pipeline-quotes', 'pipeline-with-quotes'), ('pipeline-with-commands', 'pipelined-with-commands'),
    ('pubsub', 'pubsub'), ('reply-off-on-2conn', 'client-reply-off-2conn'), ('stream', 'stream'))}


def redis_key(column):
    """Of GET and SET, which are those that Zeek takes apart."""
    return lambda r: r.get(column) if r['command'] in ('GET', 'SET') else None


def redis_reply(name, field, theirs, mine):
    if name.endswith('pipelining.pcap'):
        return PIPELINED
    return 'content of an answer, which is not kept' if mine is None and theirs is not None else None


def redis_success(name, field, theirs, mine):
    if name.endswith('pubsub.pcap') and theirs is None:
        return 'Zeek does not see the answer to a subscription'
    return PIPELINED if name.endswith('pipelining.pcap') else None


QUOTES = 'how a backslash is written'
PIPELINED = 'so many at once that Zeek gives up to tie answers to commands'
ZEEK += [
    Zeek('redis', is_table('db', 'redis'), [
        Column('cmd.name', lambda r: r['command'], kind=redis_success),
        Column('cmd.key', redis_key('object')),
        Column('cmd.value', redis_key('argument'), kind=lambda n, f, theirs, mine: QUOTES if '\\' in mine else None),
        Column('success', lambda r: r.get('success'), kind=redis_success),
        Column('reply.value', lambda r: r.get('response'), kind=redis_reply),
    ], REDIS),
]


def named(capture):
    return any(s.named(capture) for s in TSHARK) or any(capture in z.baselines for z in ZEEK)
