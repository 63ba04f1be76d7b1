/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS over TLS is told by its ALPN or its port, DNS over QUIC by its ALPN, DNS over HTTPS
 * by a resolver's name. Tor makes up the names in its handshakes:
 *
 *     SNI www.<4 to 25 of a-z2-7>.com     certificate CN=www.<the same kind>.net,
 *                                         issued by CN=www.<another>.com
 *
 * and has no ALPN. Nobody ever asked DNS for such a name.
 */
#include "proto/tls/tls_words.h"

#include <strings.h>

#include "proto/names.h"

#define PORT_DOT       853
#define TOR_LABEL_MIN  4 /* letters between "www." and ".com" */
#define TOR_LABEL_MAX  25
#define TOR_LABEL_SURE 8 /* without a certificate to see */

/* Names that resolvers give to their service of DNS over HTTPS, and to nothing else. */
static const char *const resolvers[] = {"1dot1dot1dot1.cloudflare-dns.com",
    "cloudflare-dns.com", "chrome.cloudflare-dns.com", "mozilla.cloudflare-dns.com",
    "family.cloudflare-dns.com", "security.cloudflare-dns.com", "one.one.one.one",
    "dns.google", "dns64.dns.google", "8888.google", "dns.quad9.net", "dns9.quad9.net",
    "dns10.quad9.net", "dns11.quad9.net", "doh.opendns.com",
    "doh.familyshield.opendns.com", "dns.umbrella.com", "doh.umbrella.com",
    "dns.adguard.com", "dns.adguard-dns.com", "family.adguard-dns.com",
    "unfiltered.adguard-dns.com", "dns.nextdns.io", "doh.cleanbrowsing.org",
    "doh.xfinity.com", "dns.alidns.com", "doh.pub", "dns.pub", "doh.360.cn", "doh.dns.sb",
    "dns.sb", "doh.mullvad.net", "dns.mullvad.net", "freedns.controld.com",
    "doh.tiar.app", "doh.libredns.gr", "doh.applied-privacy.net", "dns.switch.ch",
    "dns.digitale-gesellschaft.ch", "doh.ffmuc.net", "dns.twnic.tw", "public.dns.iij.jp",
    "doh.dns.apple.com", "doh.crypto.sx", "ordns.he.net", "jp.tiar.app", "commons.host",
    "odvr.nic.cz", "anycast.dns.nextdns.io", "kids.dns0.eu", "dns0.eu", "zero.dns0.eu",
    "doh.sb", "dnsforge.de", "dns.njal.la"};

static bool ends_with(struct str s, const char *end)
{
	size_t n = strlen(end);
	return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

static bool is_resolver(struct str name)
{
	for (size_t i = 0; i < sizeof(resolvers) / sizeof(resolvers[0]); i++) {
		if (str_equal(name, str_of(resolvers[i])))
			return true;
	}
	return false;
}

/* "www.", base32 with a digit in it, and that ending. */
static bool tor_name(struct str s, const char *end)
{
	if (s.n < 8 + TOR_LABEL_MIN || s.n > 8 + TOR_LABEL_MAX ||
	    memcmp(s.p, "www.", 4) != 0 || !ends_with(s, end))
		return false;
	bool digit = false, letter = false;
	for (size_t i = 4; i < s.n - 4; i++) {
		char c = s.p[i];
		if ((c < 'a' || c > 'z') && (c < '2' || c > '7'))
			return false;
		digit |= c <= '7';
		letter |= c >= 'a';
	}
	return digit && letter;
}

/* The same of a name in a certificate, which may have no digit. */
static bool tor_common_name(struct str s, const char *end)
{
	if (s.n < 3 || memcmp(s.p, "CN=", 3) != 0 || memchr(s.p, ',', s.n) != NULL)
		return false;
	s.p += 3;
	s.n -= 3;
	return s.n >= 8 + TOR_LABEL_MIN && s.n <= 8 + TOR_LABEL_MAX &&
	       memcmp(s.p, "www.", 4) == 0 && ends_with(s, end) &&
	       memchr(s.p + 4, '.', s.n - 8) == NULL;
}

static bool is_tor(struct parse *x, const struct tls_record *r)
{
	if (r->alpn.n > 0)
		return false;
	bool cert = r->subject.n > 0 && tor_common_name(r->subject, ".net") &&
		    tor_common_name(r->issuer, ".com");
	if (r->subject.n > 0 || r->issuer.n > 0)
		return cert;
	if (r->sni.n < 8 + TOR_LABEL_SURE || !tor_name(r->sni, ".com"))
		return false;
	struct flow *f = x->flow;
	struct str asked = names_find(x->names, &f->addr[0], &f->addr[1], f->first);
	return !str_equal(asked, r->sni);
}

void tls_words(struct parse *x, const struct tls_record *r)
{
	bool tcp = x->flow->proto == IP_PROTO_TCP;
	if (tcp && (str_equal(r->alpn, STR("dot")) || x->flow->port[1] == PORT_DOT))
		parse_service(x, "dot");
	else if (!tcp && r->alpn.n >= 3 && memcmp(r->alpn.p, "doq", 3) == 0)
		parse_service(x, "doq");
	else if (r->sni.n > 0 && is_resolver(r->sni))
		parse_service(x, "doh");
	else if (tcp && is_tor(x, r))
		parse_service(x, "tor");
}
