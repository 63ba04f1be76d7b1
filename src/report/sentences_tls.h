/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: tls_odd, odd_service, keys
 * (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_TLS_H
#define DWELL_REPORT_SENTENCES_TLS_H

// clang-format off
#define FACT_SENTENCES_TLS(X) \
	X(CERT_NAMELESS, "The server's certificate names no host and no address. Its subject: {1}.", \
		"服务器证书没有写明任何主机名或地址，其主题为：{1}。") \
	X(CERT_DEFAULTS, "The certificate's subject is what tools fill in when nobody answers their questions: {1}.", \
		"证书主题是生成工具的默认值，无人填写：{1}。") \
	X(CERT_ADDRESS, "The certificate is made out to a bare address, not to a name. Its subject: {1}.", \
		"证书签发给 IP 地址而非域名，其主题为：{1}。") \
	X(CERT_LONG, "The certificate is valid for {1}; public ones run for little more than a year.", \
		"证书有效期长达 {1}；公共证书的有效期只有一年多。") \
	X(CERT_SHORT, "The certificate is valid for {1} only.", \
		"证书有效期仅 {1}。") \
	X(CERT_EXPIRED, "The certificate had expired {1} before it was used.", \
		"使用该证书时，它已过期 {1}。") \
	X(CERT_EARLY, "The certificate was used {1} before it became valid.", \
		"该证书在生效前 {1}就已被使用。") \
	X(CERT_FRESH, "The certificate was new: first used {1} after it became valid.", \
		"证书很新：生效后 {1}即首次使用。") \
	X(SOLE_ISSUER, "No other server seen here has a certificate of this issuer: {1}.", \
		"本网所见的其他服务器都没有该颁发者的证书：{1}。") \
	X(NO_SNI, "The client did not say which server it wants (no SNI) in {1} of {2} such handshakes.", \
		"在 {2} 次此类握手中，客户端有 {1} 次没有说明要访问的服务器（无 SNI）。") \
	X(OTHER_NAME, "The certificate does not hold for the name that the client asked for: {1}.", \
		"证书不适用于客户端请求的域名：{1}。") \
	X(LED_ELSEWHERE, "The client asked for {1}, but DNS led that name to other networks alone; addresses it gave: {2}. Other names lead where DNS says, {3} of them.", \
		"客户端请求的域名是 {1}，但 DNS 只把它解析到其他网络（地址数：{2}）。其他域名都与 DNS 一致，共 {3} 个。") \
	X(LED_HERE, "The server that it asked for that name has the address {1}.", \
		"收到该请求的服务器地址为 {1}。") \
	X(OWN_PORT, "It speaks TLS on port {1}, which is not registered for it, and hardly any other server here does.", \
		"它在端口 {1} 上使用 TLS；该端口并非 TLS 的注册端口，本网几乎没有其他服务器这样做。") \
	X(OTHERS_PORT, "It speaks TLS on port {1}, which belongs to another protocol.", \
		"它在端口 {1} 上使用 TLS，而该端口属于另一种协议。") \
	X(NEW_CLIENT, "The client's fingerprint {1} is new to this host, {2} after its first handshake; hosts here that have it: {3}.", \
		"客户端指纹 {1} 对该主机是新的（在其首次握手 {2}之后出现）；本网具有该指纹的主机数：{3}。") \
	X(NEW_PROGRAM, "On a host that runs few programs with TLS, a new one appeared {2} after its first handshake: fingerprint {1}; hosts here that have it: {3}.", \
		"该主机上使用 TLS 的程序很少，却在首次握手 {2}之后出现了新程序：指纹 {1}；本网具有该指纹的主机数：{3}。") \
	X(OLD_ISSUER, "For {2} the server's certificates came from one issuer: {1}.", \
		"此前 {2}，该服务器的证书一直来自同一颁发者：{1}。") \
	X(NEW_ISSUER, "Then another issuer took its place: {1}.", \
		"之后换成了另一颁发者：{1}。") \
	X(NEW_SOLE_ISSUER, "Then another issuer took its place, which no other server seen here has: {1}.", \
		"之后换成了另一颁发者，而本网所见的其他服务器都不使用它：{1}。") \
	X(TLS_CHANCE, "Chance alone would show a server as odd in as many ways {often} (p = 10^-{1}; servers of its kind seen here: {3}).", \
		"若纯属偶然，同样多方面异常的服务器{often}（p = 10^-{1}；本网所见同类服务器 {3} 台）。") \
	X(HABIT_CERT, "Other servers here whose certificates are as odd: {1} of {2}.", \
		"本网证书同样异常的其他服务器：{2} 台中有 {1} 台。") \
	X(HABIT_NAME, "Other servers here with which the names are as odd: {1} of {2}.", \
		"本网域名情况同样异常的其他服务器：{2} 台中有 {1} 台。") \
	X(HABIT_PORT, "Other servers here that speak TLS on odd ports: {1} of {2}.", \
		"本网在异常端口上使用 TLS 的其他服务器：{2} 台中有 {1} 台。") \
	X(HABIT_CLIENT, "Other servers here that new fingerprints met: {1} of {2}.", \
		"本网出现新指纹的其他服务器：{2} 台中有 {1} 台。") \
	X(HABIT_CHANGE, "Other servers here whose issuer changed: {1} of {2}.", \
		"本网更换过颁发者的其他服务器：{2} 台中有 {1} 台。") \
	X(HEART_ANSWERED, "{1} of these were answered, with up to {2}: a server that keeps to RFC 6520 drops them, and one that does not sends what lies in its memory.", \
		"其中 {1} 个得到了应答，最长 {2}：遵守 RFC 6520 的服务器会丢弃它们，不遵守的会把内存内容发送出去。") \
	X(HEART_CLAIMED, "Heartbeats of TLS that claim more than they carry: {1}; the largest claims {2} in a record of {3}.", \
		"所声称长度超出实际内容的 TLS 心跳：{1} 个；最大的声称 {2}，而其记录只有 {3}。") \
	X(HEART_LONGER, "Encrypted heartbeats that got a longer answer: {1}; the longest is a record of {2}, for one of {3}.", \
		"得到更长应答的加密心跳：{1} 个；最长的应答记录为 {2}，对应的请求为 {3}。") \
	X(HEART_SILENT, "None of {1} such heartbeats was answered: it was tried, and nothing came of it.", \
		"{1} 个此类心跳都没有得到应答：有人尝试过，但没有结果。") \
	X(SPOKEN, "What the two speak there is {1}.", \
		"双方在该端口上使用的是 {1}。") \
	X(RANDOM_BYTES, "On port {1} both sides began with bytes that look random, and no protocol is known in them.", \
		"在端口 {1} 上，双方一开始发送的就是近似随机的字节，无法识别出任何协议。") \
	X(PORT_HABIT, "On this port the site speaks {1}: so do {2} of {3} pairs.", \
		"本网在该端口上使用 {1}：{3} 对通信中有 {2} 对如此。") \
	X(PORT_REGISTERED, "The port is registered for {1}; pairs seen on it: {3}, of which {2} speak that.", \
		"该端口登记用于 {1}；在该端口上见到 {3} 对通信，其中 {2} 对使用它。") \
	X(BARE_WEB, "HTTP to a bare address on port {1}, which is not registered for it.", \
		"在端口 {1} 上以 HTTP 访问裸 IP 地址，而该端口并未登记用于 HTTP。") \
	X(PORT_OTHERS, "Other pairs that do not speak it there either: {1} of {2}.", \
		"同样不使用该协议的其他通信：{2} 对中有 {1} 对。") \
	X(KEY_CHANGED, "The SSH server shows another host key, {1}; for {2} and {3} connections it had shown one and the same.", \
		"该 SSH 服务器出示了另一个主机密钥：{1}；此前 {2}内的 {3} 次连接中，它一直出示同一个密钥。") \
	X(KEY_BESIDE, "The old key was still shown after that, last at {1} (clients that were shown it: {2}): two servers answer at one address, or somebody stands between.", \
		"此后仍有人收到旧密钥，最近一次在 {1}（收到旧密钥的客户端数：{2}）：同一地址上有两台服务器应答，或有人居于中间。") \
	X(KEY_PROGRAM, "The server's program is another one, too: {1}.", \
		"服务器程序也换了：{1}。") \
	X(KEY_GONE, "Nobody was shown the old key again (clients that were shown the new one: {1}): a server that is set up anew has a new key.", \
		"此后再没有人收到旧密钥（收到新密钥的客户端数：{1}）：重新安装的服务器也会有新密钥。") \
	X(KEY_ABROAD, "It shows the key of a server inside, {1}, which had been known for {2}: it leads to that server, or has its key.", \
		"它出示的是内网服务器 {1} 的密钥，而该密钥此前已存在 {2}：它通向那台服务器，或持有其密钥。") \
	X(KEY_OWN_OUTSIDE, "It may be an address of one's own by which that server is reached from outside; --home would say so.", \
		"它也可能是该服务器对外的自有地址；可用 --home 说明。") \
	X(KEY_SHARED, "Servers that have nothing else in common show one key: {2} addresses in {3} networks, among them {1}.", \
		"互不相关的服务器出示同一个密钥：共 {2} 个地址，分布在 {3} 个网络，其中有 {1}。") \
	X(KEY_MANY, "So many addresses show it ({1}) that it may be a service of many machines.", \
		"出示它的地址很多（{1} 个），可能是由多台机器组成的服务。") \
	X(KEY_SAME, "Fingerprint of the key or certificate: {1}.", \
		"该密钥或证书的指纹：{1}。")

#define HEADLINES_TLS(H) \
	H("tls_odd", FACT_KEY_HEART_ANSWERED, INBOUND, "{peer} reads memory of {host} through heartbeats of TLS ({service}), first at {time}.", \
		"{peer} 通过 TLS 心跳读取 {host} 的内存（{service}），首次于 {time}。") \
	H("tls_odd", FACT_KEY_HEART_ANSWERED, ANY, "Heartbeats of TLS between {host} and {peer} ({service}) read memory of the one that answers, first at {time}.", \
		"{host} 与 {peer}（{service}）之间的 TLS 心跳读取了应答一方的内存，首次于 {time}。") \
	H("tls_odd", FACT_KEY_HEART_LONGER, ANY, "Encrypted heartbeats of TLS between {host} and {peer} ({service}) get longer answers than they may, first at {time}.", \
		"{host} 与 {peer}（{service}）之间的加密 TLS 心跳得到了超出允许长度的应答，首次于 {time}。") \
	H("tls_odd", FACT_KEY_HEART_CLAIMED, ANY, "Heartbeats of TLS between {host} and {peer} ({service}) ask for memory that is not theirs, in vain, first at {time}.", \
		"{host} 与 {peer}（{service}）之间的 TLS 心跳试图读取不属于它的内存，但没有成功，首次于 {time}。") \
	H("tls_odd", FACT_KEY_NEW_SOLE_ISSUER, ANY, "The certificate that {peer} ({service}) shows {host} comes from another issuer than ever before, {since}.", \
		"{peer}（{service}）向 {host} 出示的证书来自前所未见的颁发者，{since}。") \
	H("tls_odd", FACT_KEY_NEW_PROGRAM, ANY, "A new program on {host} speaks TLS with {peer} ({service}), {since}.", \
		"{host} 上的新程序以 TLS 与 {peer}（{service}）通信，{since}。") \
	H("tls_odd", FACT_KEY_LED_ELSEWHERE, ANY, "{host} asks a server for {1}, to which DNS does not lead under that name ({service}), {since}.", \
		"{host} 向一台服务器请求 {1}，而 DNS 从未把该域名解析到那里（{service}），{since}。") \
	H("odd_service", FACT_KEY_RANDOM_BYTES, ANY, "{host} and {peer} exchange bytes of no known protocol on {service}, a port that belongs to one, {since}.", \
		"{host} 与 {peer} 在 {service} 上交换无法识别的字节，而该端口属于已知协议，{since}。") \
	H("odd_service", FACT_KEY_BARE_WEB, ANY, "{host} speaks HTTP with the bare address {peer} on {service}, {since}.", \
		"{host} 在 {service} 上以 HTTP 访问裸地址 {peer}，{since}。") \
	H("odd_service", FACT_KEY_SPOKEN, ANY, "{host} speaks {1} with {peer} on {service}, where another protocol belongs, {since}.", \
		"{host} 在 {service} 上与 {peer} 使用 {1}，而该端口属于另一种协议，{since}。") \
	H("keys", FACT_KEY_KEY_BESIDE, ANY, "{peer} ({service}) shows {host} another host key than it shows others, {since}.", \
		"{peer}（{service}）向 {host} 出示的主机密钥与向他人出示的不同，{since}。") \
	H("keys", FACT_KEY_KEY_CHANGED, ANY, "The host key that {peer} ({service}) shows {host} changed, {since}.", \
		"{peer}（{service}）向 {host} 出示的主机密钥发生了变化，{since}。") \
	H("keys", FACT_KEY_KEY_ABROAD, ANY, "{peer} ({service}), to which {host} connects, shows the key of {1}, a server inside, {since}.", \
		"{host} 连接的 {peer}（{service}）出示了内网服务器 {1} 的密钥，{since}。") \
	H("keys", NO_FACT, ANY, "{host} connects to {peer} ({service}), one of several strangers with one and the same key, {since}.", \
		"{host} 连接 {peer}（{service}），它与几台互不相关的服务器使用同一个密钥，{since}。") \
	H("tls_odd", NO_FACT, INTERNAL, "Inside the network, {host} speaks TLS with {peer} ({service}), which is unlike the other servers here, {since}.", \
		"在内网，{host} 以 TLS 与 {peer}（{service}）通信，后者与本网其他服务器不同，{since}。") \
	H("tls_odd", NO_FACT, ANY, "{host} speaks TLS with {peer} ({service}), which is unlike the servers that this site uses, {since}.", \
		"{host} 以 TLS 与 {peer}（{service}）通信，后者与本网通常使用的服务器不同，{since}。")
// clang-format on

#endif
