/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record.h"

#include <math.h>
#include <string.h>

/* RECORD names the struct whose fields are being listed;
 * a macro can not define it by itself. */
#define F(KIND, name, meaning)                                                           \
	{#name, meaning, FIELD_##KIND, offsetof(struct RECORD, name)},

#define RECORD conn_record
static const struct field_info conn_fields[] = {CONN_FIELDS(F)};
#undef RECORD
#define RECORD tunnel_record
static const struct field_info tunnel_fields[] = {TUNNEL_FIELDS(F)};
#undef RECORD
#define RECORD dns_record
static const struct field_info dns_fields[] = {DNS_FIELDS(F)};
#undef RECORD
#define RECORD tls_record
static const struct field_info tls_fields[] = {TLS_FIELDS(F)};
#undef RECORD
#define RECORD quic_record
static const struct field_info quic_fields[] = {QUIC_FIELDS(F)};
#undef RECORD
#define RECORD cert_record
static const struct field_info cert_fields[] = {CERT_FIELDS(F)};
#undef RECORD
#define RECORD ocsp_record
static const struct field_info ocsp_fields[] = {OCSP_FIELDS(F)};
#undef RECORD
#define RECORD http_record
static const struct field_info http_fields[] = {HTTP_FIELDS(F)};
#undef RECORD
#define RECORD file_record
static const struct field_info file_fields[] = {FILE_FIELDS(F)};
#undef RECORD
#define RECORD smtp_record
static const struct field_info smtp_fields[] = {SMTP_FIELDS(F)};
#undef RECORD
#define RECORD ssh_record
static const struct field_info ssh_fields[] = {SSH_FIELDS(F)};
#undef RECORD
#define RECORD ot_record
static const struct field_info ot_fields[] = {OT_FIELDS(F)};
#undef RECORD
#define RECORD dhcp_record
static const struct field_info dhcp_fields[] = {DHCP_FIELDS(F)};
#undef RECORD
#define RECORD smb_record
static const struct field_info smb_fields[] = {SMB_FIELDS(F)};
#undef RECORD
#define RECORD dce_rpc_record
static const struct field_info dce_rpc_fields[] = {DCE_RPC_FIELDS(F)};
#undef RECORD
#define RECORD ntlm_record
static const struct field_info ntlm_fields[] = {NTLM_FIELDS(F)};
#undef RECORD
#define RECORD kerberos_record
static const struct field_info kerberos_fields[] = {KERBEROS_FIELDS(F)};
#undef RECORD
#define RECORD ntp_record
static const struct field_info ntp_fields[] = {NTP_FIELDS(F)};
#undef RECORD
#define RECORD snmp_record
static const struct field_info snmp_fields[] = {SNMP_FIELDS(F)};
#undef RECORD
#define RECORD sip_record
static const struct field_info sip_fields[] = {SIP_FIELDS(F)};
#undef RECORD
#define RECORD stun_record
static const struct field_info stun_fields[] = {STUN_FIELDS(F)};
#undef RECORD
#define RECORD radius_record
static const struct field_info radius_fields[] = {RADIUS_FIELDS(F)};
#undef RECORD
#define RECORD syslog_record
static const struct field_info syslog_fields[] = {SYSLOG_FIELDS(F)};
#undef RECORD
#define RECORD vpn_record
static const struct field_info vpn_fields[] = {VPN_FIELDS(F)};
#undef RECORD
#define RECORD ldap_record
static const struct field_info ldap_fields[] = {LDAP_FIELDS(F)};
#undef RECORD
#define RECORD rdp_record
static const struct field_info rdp_fields[] = {RDP_FIELDS(F)};
#undef RECORD
#define RECORD login_record
static const struct field_info login_fields[] = {LOGIN_FIELDS(F)};
#undef RECORD
#define RECORD ftp_record
static const struct field_info ftp_fields[] = {FTP_FIELDS(F)};
#undef RECORD
#define RECORD mailbox_record
static const struct field_info mailbox_fields[] = {MAILBOX_FIELDS(F)};
#undef RECORD
#define RECORD db_record
static const struct field_info db_fields[] = {DB_FIELDS(F)};
#undef RECORD
#define RECORD mq_record
static const struct field_info mq_fields[] = {MQ_FIELDS(F)};
#undef RECORD
#define RECORD socks_record
static const struct field_info socks_fields[] = {SOCKS_FIELDS(F)};
#undef RECORD
#define RECORD rpc_record
static const struct field_info rpc_fields[] = {RPC_FIELDS(F)};
#undef RECORD
#define RECORD irc_record
static const struct field_info irc_fields[] = {IRC_FIELDS(F)};
#undef RECORD
#define RECORD bittorrent_record
static const struct field_info bittorrent_fields[] = {BITTORRENT_FIELDS(F)};
#undef RECORD
#define RECORD anomaly_record
static const struct field_info anomaly_fields[] = {ANOMALY_FIELDS(F)};
#undef RECORD
#define RECORD watch_record
static const struct field_info watch_fields[] = {WATCH_FIELDS(F)};
#undef RECORD
#define RECORD decay_record
static const struct field_info decay_fields[] = {DECAY_FIELDS(F)};
#undef RECORD
#define RECORD finding_record
static const struct field_info finding_fields[] = {FINDING_FIELDS(F)};
#undef RECORD
#define RECORD case_record
static const struct field_info case_fields[] = {CASE_FIELDS(F)};
#undef RECORD
#undef F

static const struct record_info infos[RECORD_TYPES] = {
#define T(TYPE, type, table, FIELDS, what)                                               \
	[RECORD_##TYPE] = {table, what, type##_fields,                                   \
	    sizeof(type##_fields) / sizeof(type##_fields[0]),                            \
	    sizeof(struct type##_record)},
    RECORD_TABLES(T)
#undef T
};

const struct record_info *record_info(enum record_type type)
{
	return &infos[type];
}

/* A record of each type in which nothing is said: one copy instead of a walk through its
 * fields for each record that is begun. */
#define BLANK_TIME                                                                       \
	{                                                                                \
		INT64_MIN                                                                \
	} /* MOMENT_NONE, as a constant */
#define BLANK_SECONDS NAN
#define BLANK_REAL    NAN
#define BLANK_INT     (-1)
#define BLANK_FLAG    (-1)
#define BLANK_IP                                                                         \
	{                                                                                \
		{                                                                        \
			0                                                                \
		}                                                                        \
	}
#define BLANK_PORT  0
#define BLANK_COUNT 0
#define BLANK_TEXT                                                                       \
	{                                                                                \
		0                                                                        \
	}
#define BLANK_TEXTS                                                                      \
	{                                                                                \
		0                                                                        \
	}
#define BLANK_INTS                                                                       \
	{                                                                                \
		0                                                                        \
	}

#define F(KIND, name, meaning) .name = BLANK_##KIND,
#define T(TYPE, type, table, FIELDS, what)                                               \
	static const struct type##_record type##_blank = {FIELDS(F)};
RECORD_TABLES(T)
#undef T
#undef F

void record_clear(enum record_type type, void *record)
{
	static const void *const blanks[RECORD_TYPES] = {
#define T(TYPE, type, table, FIELDS, what) [RECORD_##TYPE] = &type##_blank,
	    RECORD_TABLES(T)
#undef T
	};
	memcpy(record, blanks[type], record_info(type)->size);
}
