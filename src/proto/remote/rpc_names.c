/* SPDX-License-Identifier: Apache-2.0 */
/* Names of what is a number in ONC RPC: programs (the registry of RFC 5531), procedures
 * (RFC 1057, 1094, 1813, 1833), operations and states (RFC 7530, 8881). */
#include "proto/remote/rpc_call.h"

struct number_name {
	uint32_t number;
	const char *name;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *find(const struct number_name *v, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].number == number)
			return v[i].name;
	}
	return NULL;
}

static struct str name_or_number(struct parse *x, const char *name, uint32_t number)
{
	return name != NULL ? str_of(name) : str_format(x->scratch, "%u", number);
}

struct str rpc_program_text(struct parse *x, uint32_t program)
{
	static const struct number_name names[] = {{100000, "portmap"}, {100001, "rstat"},
	    {100002, "rusers"}, {100003, "nfs"}, {100004, "ypserv"}, {100005, "mount"},
	    {100007, "ypbind"}, {100008, "wall"}, {100009, "yppasswd"},
	    {100011, "rquota"}, {100012, "spray"}, {100017, "rex"}, {100020, "llockmgr"},
	    {100021, "nlm"}, {100024, "status"}, {100026, "bootparam"}, {100068, "cmsd"},
	    {100083, "ttdbserver"}, {100227, "nfsacl"}, {100232, "sadmind"},
	    {100249, "snmpxdmi"}, {150001, "pcnfs"}, {300019, "amd"}, {390109, "nsrexec"},
	    {390113, "nsrexecd"}, {395183, "vxi11core"}};
	return name_or_number(x, find(names, COUNT(names), program), program);
}

struct str rpc_flavour_text(struct parse *x, uint32_t flavour)
{
	static const struct number_name names[] = {
	    {0, "none"}, {1, "unix"}, {2, "short"}, {3, "dh"}, {4, "kerb"}, {6, "gss"}};
	return name_or_number(x, find(names, COUNT(names), flavour), flavour);
}

static const char *const nfs2[] = {"null", "getattr", "setattr", "root", "lookup",
    "readlink", "read", "writecache", "write", "create", "remove", "rename", "link",
    "symlink", "mkdir", "rmdir", "readdir", "statfs"};
static const char *const nfs3[] = {"null", "getattr", "setattr", "lookup", "access",
    "readlink", "read", "write", "create", "mkdir", "symlink", "mknod", "remove", "rmdir",
    "rename", "link", "readdir", "readdirplus", "fsstat", "fsinfo", "pathconf", "commit"};
static const char *const nfs4[] = {"null", "compound"};
static const char *const portmap2[] = {
    "null", "set", "unset", "getport", "dump", "callit"};
static const char *const portmap3[] = {"null", "set", "unset", "getaddr", "dump",
    "callit", "gettime", "uaddr2taddr", "taddr2uaddr", "getversaddr", "indirect",
    "getaddrlist", "getstat"};
static const char *const mount[] = {
    "null", "mnt", "dump", "umnt", "umntall", "export", "exportall", "pathconf"};

static const char *const ops[] = {NULL, NULL, NULL, "access", "close", "commit", "create",
    "delegpurge", "delegreturn", "getattr", "getfh", "link", "lock", "lockt", "locku",
    "lookup", "lookupp", "nverify", "open", "openattr", "open_confirm", "open_downgrade",
    "putfh", "putpubfh", "putrootfh", "read", "readdir", "readlink", "remove", "rename",
    "renew", "restorefh", "savefh", "secinfo", "setattr", "setclientid",
    "setclientid_confirm", "verify", "write", "release_lockowner", "backchannel_ctl",
    "bind_conn_to_session", "exchange_id", "create_session", "destroy_session",
    "free_stateid", "get_dir_delegation", "getdeviceinfo", "getdevicelist",
    "layoutcommit", "layoutget", "layoutreturn", "secinfo_no_name", "sequence", "set_ssv",
    "test_stateid", "want_delegation", "destroy_clientid", "reclaim_complete", "allocate",
    "copy", "copy_notify", "deallocate", "io_advise", "layouterror", "layoutstats",
    "offload_cancel", "offload_status", "read_plus", "seek", "write_same", "clone"};

static const char *op_name(uint8_t op)
{
	return op < COUNT(ops) ? ops[op] : NULL;
}

#define PICK(list) (c->procedure < COUNT(list) ? (list)[c->procedure] : NULL)

struct str rpc_procedure_text(struct parse *x, const struct rpc_call *c)
{
	const char *name = c->procedure == 0 ? "null" : NULL;
	if (c->ops > 0)
		return name_or_number(x, op_name(c->main), c->main);
	if (c->program == PROGRAM_NFS)
		name = c->version == 2   ? PICK(nfs2)
		       : c->version == 3 ? PICK(nfs3)
					 : PICK(nfs4);
	else if (c->program == PROGRAM_PORTMAP)
		name = c->version <= 2 ? PICK(portmap2) : PICK(portmap3);
	else if (c->program == PROGRAM_MOUNT)
		name = PICK(mount);
	return name_or_number(x, name, c->procedure);
}

struct str rpc_operations_text(struct parse *x, const struct rpc_call *c)
{
	struct str all = {0};
	for (size_t i = 0; i < c->ops; i++) {
		struct str one = name_or_number(x, op_name(c->op[i]), c->op[i]);
		if (i == 0)
			all = one;
		else
			all = str_format(
			    x->scratch, "%.*s %.*s", STR_ARG(all), STR_ARG(one));
	}
	return all;
}

struct str rpc_result_text(struct parse *x, const struct rpc_call *c)
{
	static const struct number_name low[] = {{0, "OK"}, {1, "PERM"}, {2, "NOENT"},
	    {5, "IO"}, {6, "NXIO"}, {13, "ACCES"}, {17, "EXIST"}, {18, "XDEV"},
	    {19, "NODEV"}, {20, "NOTDIR"}, {21, "ISDIR"}, {22, "INVAL"}, {27, "FBIG"},
	    {28, "NOSPC"}, {30, "ROFS"}, {31, "MLINK"}, {63, "NAMETOOLONG"},
	    {66, "NOTEMPTY"}, {69, "DQUOT"}, {70, "STALE"}, {71, "REMOTE"},
	    {99, "WFLUSH"}};
	static const char *const high[] = {"BADHANDLE", "NOT_SYNC", "BAD_COOKIE",
	    "NOTSUPP", "TOOSMALL", "SERVERFAULT", "BADTYPE", "DELAY", "SAME", "DENIED",
	    "EXPIRED", "LOCKED", "GRACE", "FHEXPIRED", "SHARE_DENIED", "WRONGSEC",
	    "CLID_INUSE", "RESOURCE", "MOVED", "NOFILEHANDLE", "MINOR_VERS_MISMATCH",
	    "STALE_CLIENTID", "STALE_STATEID", "OLD_STATEID", "BAD_STATEID", "BAD_SEQID",
	    "NOT_SAME", "LOCK_RANGE", "SYMLINK", "RESTOREFH", "LEASE_MOVED",
	    "ATTRNOTSUPP", "NO_GRACE", "RECLAIM_BAD", "RECLAIM_CONFLICT", "BADXDR",
	    "LOCKS_HELD", "OPENMODE", "BADOWNER", "BADCHAR", "BADNAME", "BAD_RANGE",
	    "LOCK_NOTSUPP", "OP_ILLEGAL", "DEADLOCK", "FILE_OPEN", "ADMIN_REVOKED",
	    "CB_PATH_DOWN"};
	if (c->result < 0)
		return (struct str){NULL, 0};
	uint32_t v = (uint32_t)c->result;
	const char *name = v > 10000 && v - 10001 < COUNT(high)
			       ? high[v - 10001]
			       : find(low, COUNT(low), v);
	return name_or_number(x, name, v);
}
