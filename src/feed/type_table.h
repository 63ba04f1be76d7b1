/* SPDX-License-Identifier: Apache-2.0 */
/* The table of feed/type.c: X(word, kind, match, form), in order of the words' bytes. */
#ifndef DWELL_FEED_TYPE_TABLE_H
#define DWELL_FEED_TYPE_TABLE_H

/* clang-format off */
#define FEED_TYPES(X) \
	X("accountname", OTHER, EQUAL, ONE) X("addr", ADDRESS, EQUAL, ONE) \
	X("address", ADDRESS, EQUAL, ONE) X("as", OTHER, EQUAL, ONE) \
	X("asn", OTHER, EQUAL, ONE) X("authentihash", OTHER, EQUAL, ONE) \
	X("bankaccountnr", OTHER, EQUAL, ONE) X("bic", OTHER, EQUAL, ONE) \
	X("bitcoinaddress", OTHER, EQUAL, ONE) X("bro", OTHER, EQUAL, ONE) \
	X("btc", OTHER, EQUAL, ONE) X("c2ip", ADDRESS, EQUAL, ONE) \
	X("ccnumber", OTHER, EQUAL, ONE) X("cdhash", OTHER, EQUAL, ONE) \
	X("certfingerprintsha256", CERT_SHA256, EQUAL, ONE) \
	X("certhash", CERT_SHA256, EQUAL, DIGEST) \
	X("certificatesha1", CERT_SHA1, EQUAL, ONE) \
	X("certificatesha256", CERT_SHA256, EQUAL, ONE) \
	X("certsha1", CERT_SHA1, EQUAL, ONE) X("certsha256", CERT_SHA256, EQUAL, ONE) \
	X("checksum", FILE_SHA256, EQUAL, DIGEST) \
	X("chromeextensionid", OTHER, EQUAL, ONE) X("cidr", NETWORK, EQUAL, ONE) \
	X("computername", HOST_NAME, EQUAL, ONE) X("cookie", OTHER, EQUAL, ONE) X("cve", OTHER, EQUAL, ONE) \
	X("destinationip", ADDRESS, EQUAL, ONE) X("destip", ADDRESS, EQUAL, ONE) \
	X("digest", FILE_SHA256, EQUAL, DIGEST) X("dkim", OTHER, EQUAL, ONE) \
	X("dkimsignature", OTHER, EQUAL, ONE) X("dns", NAME, BELOW, ONE) \
	X("dnsname", NAME, BELOW, ONE) X("dnsquery", NAME, BELOW, ONE) \
	X("domain", NAME, BELOW, ONE) X("domainname", NAME, BELOW, ONE) \
	X("domainnamevalue", NAME, BELOW, ONE) X("domain|ip", NAME, BELOW, BOTH) \
	X("dstip", ADDRESS, EQUAL, ONE) X("email", EMAIL, EQUAL, ONE) \
	X("emailaddr", EMAIL, EQUAL, ONE) X("emailaddress", EMAIL, EQUAL, ONE) \
	X("emailattachment", OTHER, EQUAL, ONE) X("emailbody", OTHER, EQUAL, ONE) \
	X("emaildst", EMAIL, EQUAL, ONE) X("emaildstdisplayname", OTHER, EQUAL, ONE) \
	X("emailheader", OTHER, EQUAL, ONE) X("emailmessageid", OTHER, EQUAL, ONE) \
	X("emailmimeboundary", OTHER, EQUAL, ONE) X("emailreplyto", OTHER, EQUAL, ONE) \
	X("emailsender", EMAIL, EQUAL, ONE) X("emailsrc", EMAIL, EQUAL, ONE) \
	X("emailsrcdisplayname", OTHER, EQUAL, ONE) X("emailsubject", OTHER, EQUAL, ONE) \
	X("emailthreadindex", OTHER, EQUAL, ONE) X("emailxmailer", OTHER, EQUAL, ONE) \
	X("favicon", OTHER, EQUAL, ONE) X("faviconmmh3", OTHER, EQUAL, ONE) \
	X("filehash", FILE_SHA256, EQUAL, DIGEST) \
	X("filehashesmd5", FILE_MD5, EQUAL, ONE) X("filehashmd5", FILE_MD5, EQUAL, ONE) \
	X("filehashsha1", FILE_SHA1, EQUAL, ONE) \
	X("filehashsha256", FILE_SHA256, EQUAL, ONE) X("filemd5", FILE_MD5, EQUAL, ONE) \
	X("filename", FILE_NAME, EQUAL, ONE) X("filenamepattern", OTHER, EQUAL, ONE) \
	X("filename|authentihash", OTHER, EQUAL, ONE) \
	X("filename|impfuzzy", OTHER, EQUAL, ONE) \
	X("filename|imphash", OTHER, EQUAL, ONE) \
	X("filename|md5", FILE_MD5, EQUAL, SECOND) \
	X("filename|pehash", OTHER, EQUAL, ONE) \
	X("filename|sha1", FILE_SHA1, EQUAL, SECOND) \
	X("filename|sha224", OTHER, EQUAL, ONE) \
	X("filename|sha256", FILE_SHA256, EQUAL, SECOND) \
	X("filename|sha384", OTHER, EQUAL, ONE) X("filename|sha512", OTHER, EQUAL, ONE) \
	X("filename|ssdeep", OTHER, EQUAL, ONE) X("filename|tlsh", OTHER, EQUAL, ONE) \
	X("filename|vhash", OTHER, EQUAL, ONE) X("filepath", OTHER, EQUAL, ONE) \
	X("filesha1", FILE_SHA1, EQUAL, ONE) X("filesha256", FILE_SHA256, EQUAL, ONE) \
	X("fqdn", NAME, BELOW, ONE) X("gitcommitid", OTHER, EQUAL, ONE) \
	X("githuborganisation", OTHER, EQUAL, ONE) \
	X("githubrepository", OTHER, EQUAL, ONE) X("githubusername", OTHER, EQUAL, ONE) \
	X("hash", FILE_SHA256, EQUAL, DIGEST) X("hashmd5", FILE_MD5, EQUAL, ONE) \
	X("hashsha1", FILE_SHA1, EQUAL, ONE) X("hashsha256", FILE_SHA256, EQUAL, ONE) \
	X("hassh", HASSH, EQUAL, ONE) X("hasshfingerprint", HASSH, EQUAL, ONE) \
	X("hasshmd5", HASSH, EQUAL, ONE) X("hasshserver", HASSH_SERVER, EQUAL, ONE) \
	X("hasshserverfingerprint", HASSH_SERVER, EQUAL, ONE) \
	X("hasshservermd5", HASSH_SERVER, EQUAL, ONE) X("host", OTHER, EQUAL, GUESS) \
	X("hostname", NAME, EQUAL, ONE) X("hostname|port", NAME, EQUAL, PORT) \
	X("httpmethod", OTHER, EQUAL, ONE) X("httpuseragent", USER_AGENT, EQUAL, ONE) \
	X("iban", OTHER, EQUAL, ONE) X("impfuzzy", OTHER, EQUAL, ONE) \
	X("imphash", OTHER, EQUAL, ONE) X("indicator", OTHER, EQUAL, GUESS) \
	X("inteladdr", ADDRESS, EQUAL, ONE) \
	X("intelcerthash", CERT_SHA256, EQUAL, DIGEST) \
	X("inteldomain", NAME, EQUAL, ONE) X("intelemail", EMAIL, EQUAL, ONE) \
	X("intelfilehash", FILE_SHA256, EQUAL, DIGEST) \
	X("intelfilename", FILE_NAME, EQUAL, ONE) X("intelja3", JA3, EQUAL, ONE) \
	X("intelja3s", JA3S, EQUAL, ONE) X("intelja4", JA4, EQUAL, ONE) \
	X("intelpubkeyhash", OTHER, EQUAL, ONE) \
	X("intelsoftware", USER_AGENT, EQUAL, ONE) X("intelsubnet", NETWORK, EQUAL, ONE) \
	X("intelurl", URL, EQUAL, ONE) X("intelusername", OTHER, EQUAL, ONE) \
	X("ioc", OTHER, EQUAL, GUESS) X("iocvalue", OTHER, EQUAL, GUESS) \
	X("ip", ADDRESS, EQUAL, ONE) X("ipaddr", ADDRESS, EQUAL, ONE) \
	X("ipaddress", ADDRESS, EQUAL, ONE) X("ipaddresses", ADDRESS, EQUAL, ONE) \
	X("ipdst", ADDRESS, EQUAL, ONE) X("ipdst|port", ADDRESS, EQUAL, PORT) \
	X("ipport", ADDRESS, EQUAL, ONE) X("iprange", NETWORK, EQUAL, ONE) \
	X("ipsrc", ADDRESS, EQUAL, ONE) X("ipsrc|port", ADDRESS, EQUAL, PORT) \
	X("ipv4", ADDRESS, EQUAL, ONE) X("ipv4addr", ADDRESS, EQUAL, ONE) \
	X("ipv4address", ADDRESS, EQUAL, ONE) X("ipv4addrvalue", ADDRESS, EQUAL, ONE) \
	X("ipv4cidr", NETWORK, EQUAL, ONE) X("ipv4prefix", NETWORK, EQUAL, ONE) \
	X("ipv6", ADDRESS, EQUAL, ONE) X("ipv6addr", ADDRESS, EQUAL, ONE) \
	X("ipv6address", ADDRESS, EQUAL, ONE) X("ipv6addrvalue", ADDRESS, EQUAL, ONE) \
	X("ipv6cidr", NETWORK, EQUAL, ONE) X("ip|port", ADDRESS, EQUAL, PORT) \
	X("ja3", JA3, EQUAL, ONE) X("ja3fingerprint", JA3, EQUAL, ONE) \
	X("ja3fingerprintmd5", JA3, EQUAL, ONE) X("ja3hash", JA3, EQUAL, ONE) \
	X("ja3md5", JA3, EQUAL, ONE) X("ja3s", JA3S, EQUAL, ONE) \
	X("ja3sfingerprint", JA3S, EQUAL, ONE) X("ja3sfingerprintmd5", JA3S, EQUAL, ONE) \
	X("ja3shash", JA3S, EQUAL, ONE) X("ja3smd5", JA3S, EQUAL, ONE) \
	X("ja4", JA4, EQUAL, ONE) X("ja4fingerprint", JA4, EQUAL, ONE) \
	X("ja4plus", JA4, EQUAL, ONE) X("jabberid", OTHER, EQUAL, ONE) \
	X("jarm", OTHER, EQUAL, ONE) X("jarmfingerprint", OTHER, EQUAL, ONE) \
	X("kustoquery", OTHER, EQUAL, ONE) X("mac", MAC, EQUAL, ONE) \
	X("macaddr", MAC, EQUAL, ONE) X("macaddress", MAC, EQUAL, ONE) \
	X("machinename", HOST_NAME, EQUAL, ONE) X("maliciousurl", URL, EQUAL, ONE) X("malwaresample", FILE_MD5, EQUAL, SECOND) \
	X("md5", FILE_MD5, EQUAL, ONE) X("md5hash", FILE_MD5, EQUAL, ONE) \
	X("mimetype", OTHER, EQUAL, ONE) X("mobileapplicationid", OTHER, EQUAL, ONE) \
	X("mutex", OTHER, EQUAL, ONE) X("mutexname", OTHER, EQUAL, ONE) \
	X("namedpipe", OTHER, EQUAL, ONE) X("namedpipename", OTHER, EQUAL, ONE) \
	X("net", NETWORK, EQUAL, ONE) X("netbiosname", HOST_NAME, EQUAL, ONE) X("netblock", NETWORK, EQUAL, ONE) \
	X("network", NETWORK, EQUAL, ONE) X("observable", OTHER, EQUAL, GUESS) \
	X("onionaddress", OTHER, EQUAL, ONE) X("path", URI, EQUAL, ONE) \
	X("patterninfile", OTHER, EQUAL, ONE) X("patterninmemory", OTHER, EQUAL, ONE) \
	X("patternintraffic", OTHER, EQUAL, ONE) X("pehash", OTHER, EQUAL, ONE) \
	X("pgpprivatekey", OTHER, EQUAL, ONE) X("pgppublickey", OTHER, EQUAL, ONE) \
	X("phonenumber", OTHER, EQUAL, ONE) X("prefix", NETWORK, EQUAL, ONE) \
	X("processstate", OTHER, EQUAL, ONE) X("query", NAME, BELOW, ONE) \
	X("registry", OTHER, EQUAL, ONE) X("regkey", OTHER, EQUAL, ONE) \
	X("regkeyvalue", OTHER, EQUAL, ONE) X("regkey|value", OTHER, EQUAL, ONE) \
	X("remoteaddress", ADDRESS, EQUAL, ONE) X("remoteip", ADDRESS, EQUAL, ONE) \
	X("serverip", ADDRESS, EQUAL, ONE) X("servername", NAME, EQUAL, ONE) \
	X("sha1", FILE_SHA1, EQUAL, ONE) X("sha1hash", FILE_SHA1, EQUAL, ONE) \
	X("sha224", OTHER, EQUAL, ONE) X("sha256", FILE_SHA256, EQUAL, ONE) \
	X("sha256hash", FILE_SHA256, EQUAL, ONE) X("sha3224", OTHER, EQUAL, ONE) \
	X("sha3256", OTHER, EQUAL, ONE) X("sha3384", OTHER, EQUAL, ONE) \
	X("sha3512", OTHER, EQUAL, ONE) X("sha384", OTHER, EQUAL, ONE) \
	X("sha512", OTHER, EQUAL, ONE) X("sha512224", OTHER, EQUAL, ONE) \
	X("sha512256", OTHER, EQUAL, ONE) X("sigma", OTHER, EQUAL, ONE) \
	X("sni", NAME, EQUAL, ONE) X("snort", OTHER, EQUAL, ONE) \
	X("sourceip", ADDRESS, EQUAL, ONE) X("srcip", ADDRESS, EQUAL, ONE) \
	X("ssdeep", OTHER, EQUAL, ONE) X("sshfingerprint", OTHER, EQUAL, ONE) \
	X("sslcertfingerprint", CERT_SHA256, EQUAL, DIGEST) \
	X("sslcertsha1", CERT_SHA1, EQUAL, ONE) \
	X("sslcertsha256", CERT_SHA256, EQUAL, ONE) X("stixpattern2", OTHER, EQUAL, ONE) \
	X("subnet", NETWORK, EQUAL, ONE) X("suricata", OTHER, EQUAL, ONE) \
	X("telfhash", OTHER, EQUAL, ONE) X("tlsh", OTHER, EQUAL, ONE) \
	X("tlssni", NAME, EQUAL, ONE) X("twitterid", OTHER, EQUAL, ONE) \
	X("ua", USER_AGENT, EQUAL, ONE) X("uri", URI, EQUAL, ONE) \
	X("uripath", URI, EQUAL, ONE) X("url", URL, EQUAL, ONE) \
	X("urlpath", URI, EQUAL, ONE) X("urlvalue", URL, EQUAL, ONE) \
	X("useragent", USER_AGENT, EQUAL, ONE) X("username", OTHER, EQUAL, ONE) \
	X("value", OTHER, EQUAL, GUESS) X("vhash", OTHER, EQUAL, ONE) \
	X("vulnerability", OTHER, EQUAL, ONE) X("weakness", OTHER, EQUAL, ONE) \
	X("windowsscheduledtask", OTHER, EQUAL, ONE) \
	X("windowsservicedisplayname", OTHER, EQUAL, ONE) \
	X("windowsservicename", OTHER, EQUAL, ONE) \
	X("x509fingerprintmd5", OTHER, EQUAL, ONE) \
	X("x509fingerprintsha1", CERT_SHA1, EQUAL, ONE) \
	X("x509fingerprintsha256", CERT_SHA256, EQUAL, ONE) X("xmr", OTHER, EQUAL, ONE) \
	X("yara", OTHER, EQUAL, ONE) X("zeek", OTHER, EQUAL, ONE)
/* clang-format on */

#endif
