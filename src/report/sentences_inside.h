/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of facts and headlines of findings: admin_path, discovery, relay
 * (report/sentence_table.h says how). */
#ifndef DWELL_REPORT_SENTENCES_INSIDE_H
#define DWELL_REPORT_SENTENCES_INSIDE_H

// clang-format off
#define FACT_SENTENCES_INSIDE(X) \
	X(PROBED, "Within {2} it tried {1} targets (address and port) that never answered; {3} of all that it tried did not.", \
		"在{2}内尝试了 {1} 个从未应答的目标（地址加端口）；它尝试过的全部目标中有 {3} 没有应答。") \
	X(PROBED_SLOWLY, "Targets that never answered: {1}, spread over {2} days, at most {3} on one of them.", \
		"从未应答的目标共 {1} 个，分散在 {2} 天里，单日最多 {3} 个。") \
	X(SWEPT, "It pinged {1} addresses within {2}; answers came from {3}.", \
		"在{2}内 ping 了 {1} 个地址，其中 {3} 个有应答。") \
	X(WALK, "Somebody who knows whom to ask would miss so often {often} (S = {1}; {3} connections).", \
		"若本来就知道该找谁，如此频繁地落空{often}（S = {1}；共 {3} 个连接）。") \
	X(PROBED_WHERE, "Addresses tried: {1}; ports tried: {2}.", \
		"尝试的地址数：{1}；端口数：{2}。") \
	X(PROBED_PORT, "Most of the targets are on one port: {1}.", \
		"目标大多在同一端口：{1}。") \
	X(PROBED_OPEN, "Targets that answered: {1}. What it did there afterwards is worth a look.", \
		"有应答的目标：{1} 个。它此后在那里做了什么值得查看。") \
	X(USUAL_PROBER, "It met as many dead targets on {1} days: a scanner that belongs here would look the same.", \
		"它在 {1} 天里都遇到过同样多的无应答目标：本网自己的扫描器也会如此。") \
	X(ANSWERING, "It all comes from its own port {1}: it may be answering what the sensor did not see.", \
		"全部来自它自己的端口 {1}：可能是在应答传感器没有看到的请求。") \
	X(ONE_WAY, "Nothing at all was answered, and it is UDP: the sensor may see one direction only.", \
		"没有任何应答，且全是 UDP：传感器可能只看到单向流量。") \
	X(PEER_TO_PEER, "Nearly each of {1} addresses was tried at a port of its own ({2} ports): peer-to-peer software does that.", \
		"{1} 个地址几乎各用各的端口（共 {2} 个端口）：点对点软件就是这样。") \
	X(PUSH_RUN, "Something was run there {1} after a file had been put there.", \
		"文件放到那里 {1}后，就在那里执行了东西。") \
	X(FILE_PUSH, "Files written to administrative shares: {1} ({2}), programs and scripts among them: {3}.", \
		"写入管理共享的文件：{1} 个（{2}），其中程序和脚本 {3} 个。") \
	X(PUSHED_FILE, "The first of them: {1}.", "其中第一个：{1}。") \
	X(SERVICE_LIFE, "A service was made, and deleted {1} later: tools that run commands remotely do so, installations do not.", \
		"创建的服务在 {1}后即被删除：远程执行命令的工具会这样做，正常安装不会。") \
	X(SERVICE_RUN, "Services made remotely: {1}; started: {2}; deleted: {3}.", \
		"远程创建的服务：{1} 个；启动：{2} 个；删除：{3} 个。") \
	X(TASK_RUN, "Scheduled tasks made remotely: {1}; run at once: {2}.", \
		"远程创建的计划任务：{1} 个；立即执行：{2} 个。") \
	X(WMI_RUN, "Methods run through WMI: {1}; objects stored: {2}.", \
		"通过 WMI 执行的方法：{1} 个；写入的对象：{2} 个。") \
	X(OBJECT_CALLED, "Methods of objects called through DCOM: {1}.", \
		"通过 DCOM 调用的对象方法：{1} 个。") \
	X(NETLOGON_TRIES, "It tried {1} times within {2} to authenticate as a machine; passwords of machines set: {3}.", \
		"在{2}内 {1} 次尝试以计算机账户身份认证；设置计算机账户密码：{3} 次。") \
	X(CAME_BACK, "It then opened a connection to the caller, {1} after the call: its credentials went along.", \
		"它在调用 {1}后主动连接了调用方：其凭据也随之送出。") \
	X(COERCED, "Calls that make the machine open a file elsewhere: {1}.", \
		"迫使该机去别处打开文件的调用：{1} 次。") \
	X(REPLICATED, "It asked for copies of the directory's objects, secrets included ({1} requests), as domain controllers do among themselves.", \
		"它请求复制目录对象（含机密数据，共 {1} 次），通常只有域控制器之间才会这样做。") \
	X(GUESSED, "After many refused logons one was accepted ({1}).", \
		"多次登录被拒后，有一次成功（{1}）。") \
	X(GUESSING, "Logons refused within a quarter of an hour: {1}, for {2} different names.", \
		"一刻钟内被拒绝的登录：{1} 次，涉及 {2} 个不同的用户名。") \
	X(WEAK_TICKETS, "It got {1} tickets for {2} services with RC4, which can be broken offline, though it had got AES before.", \
		"它此前得到的是 AES 票据，如今为 {2} 个服务取得了 {1} 张可离线破解的 RC4 票据。") \
	X(RC4_ASKED, "Logons that offered RC4 alone, though the realm uses AES: {1}, for {2} names. Who has only a password's hash must do so.", \
		"只提供 RC4 的登录（域本身使用 AES）：{1} 次，涉及 {2} 个用户名。只掌握口令哈希的人只能这样做。") \
	X(AES_BEFORE, "The same host had used AES before.", "同一主机此前使用的是 AES。") \
	X(OTHER_CLIENT, "Sessions of SMB {1} that name no machine at the logon and show nothing after it, being encrypted: {2}; the host had never had such: a tool with an SMB of its own.", \
		"登录时不报机器名、此后因加密而不可见的 SMB {1} 会话：{2} 个；该主机此前从未有过：这是自带 SMB 实现的工具。") \
	X(OWN_CLIENT, "The host's own client speaks SMB {1} and says its name; sessions before: {2}, on {3} days.", \
		"该主机自身的客户端使用 SMB {1} 并报出名称；此前会话 {2} 个，分布在 {3} 天。") \
	X(CLIENT_ELSEWHERE, "Other hosts here with such a client: {1}.", \
		"本网使用此类客户端的其他主机：{1} 台。") \
	X(SHELL, "Requests of remote management (WinRM): {1}.", \
		"远程管理（WinRM）请求：{1} 次。") \
	X(CHAIN, "One machine after the other was entered for the first time: {1}.", \
		"机器一台接一台首次被进入：{1}。") \
	X(FAN_OUT, "It administered {1} machines within a day for the first time; at its own rate that has a chance of 10 to the minus {2}.", \
		"一天之内首次管理了 {1} 台机器；按其自身的频率，这样的概率为 10 的负 {2} 次方。") \
	X(NEW_ROLE, "It had never asked any machine for {1} before.", \
		"它此前从未向任何机器发起过 {1}。") \
	X(NEW_PATH, "It is a new way: the host had been known for {1}, and had administered {2} machines until then (decades of another one: {3}).", \
		"这是一条新路径：该主机此前已存在 {1}，当时管理过 {2} 台机器（再新增一台的罕见程度：{3} 个数量级）。") \
	X(NOT_SERVER, "Machines that ever asked the target for it: {1}. It is no server of that kind.", \
		"曾向目标请求过此类服务的机器：{1} 台。它不是这类服务器。") \
	X(SERVICE_ASKED, "Other calls of the remote service manager: {1}.", \
		"对远程服务管理器的其他调用：{1} 次。") \
	X(REGISTRY_WRITTEN, "Keys of the registry made, set or saved remotely: {1}.", \
		"远程创建、设置或保存的注册表键：{1} 个。") \
	X(RELAYED, "Connections in and out that fit each other in time and size: {1} ({3}); by chance there would be {2}.", \
		"进出两侧在时间和大小上吻合的连接：{1} 对（{3}）；若属偶然，应为 {2} 对。") \
	X(RELAY_FROM, "It comes from {1}.", "来自 {1}。") \
	X(RELAY_TO, "It goes on to {1}.", "继续发往 {1}。") \
	X(RELAY_FIT, "The closest two differ in size by {1}; the one out begins {2} after the one in.", \
		"最接近的一对大小相差 {1}；外出连接在进入连接之后 {2}开始。") \
	X(RELAY_CHANCE, "Chance alone would show as much {often} (S = {1}; {3} pairs of peers looked at).", \
		"若纯属偶然，如此吻合{often}（S = {1}；共检查 {3} 组对端）。") \
	X(RELAY_NEW, "The host had been known for {1} before it began to do so.", \
		"该主机开始这样做之前已存在 {1}。") \
	X(RELAY_USERS, "It does so for {1} machines: proxies, gateways and load balancers do.", \
		"它为 {1} 台机器这样做：代理、网关和负载均衡器都会如此。") \
	X(TUNNELLED, "Connections that the host opened inside while that one was open: {1}; they brought {2}, and {3} left through it: what came from inside went out.", \
		"在该连接期间，该主机在内部发起的连接：{1} 个；它们取得 {2}，而经该连接送出 {3}：内部取得的内容随之送出。") \
	X(TUNNELS, "Connections that carried others in this way: {1}; by chance there would be {2}.", \
		"以这种方式承载其他连接的连接：{1} 个；若属偶然应有 {2} 个。") \
	X(TUNNEL_PEERS, "What is reached inside: {1}; machines in all: {2}.", \
		"由此到达的内部机器：{1}；共 {2} 台。") \
	X(PROXY_ASKED, "Granted requests to connect elsewhere: {1}, to {2} different targets.", \
		"获准的代连请求：{1} 个，涉及 {2} 个不同的目标。") \
	X(PROXY_KIND, "They were made with {1}.", "所用方式：{1}。") \
	X(PROXY_TARGET, "One of the targets: {1}.", "其中一个目标：{1}。") \
	X(USUAL_ADMIN, "It did such things on {1} days, to {2} machines: somebody who administers them looks the same.", \
		"它在 {1} 天里对 {2} 台机器做过这类事：正常的管理员也是如此。") \
	X(DIRECTORY_SERVER, "It answers Kerberos or LDAP itself: it may be a domain controller.", \
		"它自己应答 Kerberos 或 LDAP：可能就是域控制器。")

#define HEADLINES_INSIDE(H) \
	H("admin_path", FACT_KEY_GUESSED, INBOUND, "From outside, {peer} got into {host} after guessing passwords ({1}), {since}.", \
		"外部的 {peer} 猜测口令后进入了 {host}（{1}），{since}。") \
	H("admin_path", FACT_KEY_GUESSING, INBOUND, "From outside, {peer} guesses passwords at {host}: {1} refused in a quarter of an hour, {since}.", \
		"外部的 {peer} 在 {host} 上猜测口令：一刻钟内 {1} 次被拒，{since}。") \
	H("admin_path", NO_FACT, INBOUND, "From outside, {peer} works on {host} by remote administration ({service}), {since}.", \
		"外部的 {peer} 通过远程管理（{service}）操作 {host}，{since}。") \
	H("admin_path", FACT_KEY_PUSH_RUN, ANY, "{host} put files on {peer} and ran something there, {since}.", \
		"{host} 向 {peer} 放置文件并在那里执行，{since}。") \
	H("admin_path", FACT_KEY_SERVICE_LIFE, ANY, "{host} made a service on {peer}, ran it and deleted it within {1}, {since}.", \
		"{host} 在 {peer} 上创建服务、运行，并在 {1}内删除，{since}。") \
	H("admin_path", FACT_KEY_NETLOGON_TRIES, ANY, "{host} tried {1} times within {2} to authenticate as a machine at {peer}, {since}.", \
		"{host} 在{2}内 {1} 次尝试以计算机账户身份向 {peer} 认证，{since}。") \
	H("admin_path", FACT_KEY_CAME_BACK, ANY, "{host} made {peer} connect back to it and show its credentials, {since}.", \
		"{host} 迫使 {peer} 回连并出示凭据，{since}。") \
	H("admin_path", FACT_KEY_GUESSED, ANY, "{host} got into {peer} after guessing passwords ({1}), {since}.", \
		"{host} 猜测口令后进入了 {peer}（{1}），{since}。") \
	H("admin_path", FACT_KEY_SERVICE_RUN, ANY, "{host} made or started services on {peer}, {since}.", \
		"{host} 在 {peer} 上创建或启动服务，{since}。") \
	H("admin_path", FACT_KEY_TASK_RUN, ANY, "{host} made scheduled tasks on {peer}, {since}.", \
		"{host} 在 {peer} 上创建计划任务，{since}。") \
	H("admin_path", FACT_KEY_WMI_RUN, ANY, "{host} ran something on {peer} through WMI, {since}.", \
		"{host} 通过 WMI 在 {peer} 上执行操作，{since}。") \
	H("admin_path", FACT_KEY_OBJECT_CALLED, ANY, "{host} called objects on {peer} through DCOM, {since}.", \
		"{host} 通过 DCOM 调用 {peer} 上的对象，{since}。") \
	H("admin_path", FACT_KEY_REPLICATED, ANY, "{host} asked {peer} for a copy of the directory, {since}.", \
		"{host} 向 {peer} 请求复制目录，{since}。") \
	H("admin_path", FACT_KEY_FILE_PUSH, ANY, "{host} wrote files to administrative shares of {peer}, {since}.", \
		"{host} 向 {peer} 的管理共享写入文件，{since}。") \
	H("admin_path", FACT_KEY_GUESSING, ANY, "{host} guesses passwords at {peer}: {1} refused in a quarter of an hour, {since}.", \
		"{host} 在 {peer} 上猜测口令：一刻钟内 {1} 次被拒，{since}。") \
	H("admin_path", FACT_KEY_WEAK_TICKETS, ANY, "{host} collects tickets at {peer} that can be broken offline, {since}.", \
		"{host} 在 {peer} 收集可离线破解的票据，{since}。") \
	H("admin_path", FACT_KEY_RC4_ASKED, ANY, "{host} logs on at {peer} as one who has only the hash of a password, {since}.", \
		"{host} 以只掌握口令哈希的方式向 {peer} 登录，{since}。") \
	H("admin_path", FACT_KEY_COERCED, ANY, "{host} called {peer} so as to make it open a file elsewhere, {since}.", \
		"{host} 向 {peer} 发出调用，意在让它去别处打开文件，{since}。") \
	H("admin_path", FACT_KEY_OTHER_CLIENT, ANY, "A tool on {host}, not its own client, logs on to {peer} over SMB {1} and hides what it does there, {since}.", \
		"{host} 上的某个工具（并非其自身客户端）以 SMB {1} 登录 {peer}，并隐藏其后的操作，{since}。") \
	H("admin_path", FACT_KEY_CHAIN, ANY, "{host} entered {peer} soon after it had been entered itself: {1}, {since}.", \
		"{host} 自己刚被进入，随即进入 {peer}：{1}，{since}。") \
	H("admin_path", FACT_KEY_FAN_OUT, ANY, "{host} began to administer {1} machines within a day, {peer} among them, {since}.", \
		"{host} 一天之内开始管理 {1} 台机器，{peer} 是其中之一，{since}。") \
	H("admin_path", FACT_KEY_NEW_ROLE, ANY, "{host} administers {peer} ({1}), which it never did with any machine, {since}.", \
		"{host} 开始管理 {peer}（{1}），此前从未这样管理过任何机器，{since}。") \
	H("admin_path", NO_FACT, ANY, "{host} works on {peer} by remote administration ({service}), {since}.", \
		"{host} 通过远程管理（{service}）操作 {peer}，{since}。") \
	H("discovery", FACT_KEY_PROBED, INBOUND, "From outside, {peer} tries many targets here, {host} first: {1} without an answer within {2}, {since}.", \
		"外部的 {peer} 在本网尝试许多目标（{host} 最先）：{2}内有 {1} 个无应答，{since}。") \
	H("discovery", FACT_KEY_PROBED, INTERNAL, "{host} looks around inside the network: {1} targets at {peer} without an answer within {2}, {since}.", \
		"{host} 在内网四处探查：{2}内对 {peer} 有 {1} 个目标无应答，{since}。") \
	H("discovery", FACT_KEY_PROBED, OUTBOUND, "{host} scans {peer}: {1} targets without an answer within {2}, {since}.", \
		"{host} 扫描 {peer}：{2}内有 {1} 个目标无应答，{since}。") \
	H("discovery", FACT_KEY_SWEPT, ANY, "{host} pings {1} addresses at {peer} within {2}, {since}.", \
		"{host} 在{2}内 ping 了 {peer} 的 {1} 个地址，{since}。") \
	H("discovery", FACT_KEY_PROBED_SLOWLY, INBOUND, "From outside, {peer} tries targets that are not there, {host} first: {1} of them over {2} days, {since}.", \
		"外部的 {peer} 不断尝试不存在的目标（{host} 最先）：{2} 天里共 {1} 个，{since}。") \
	H("discovery", FACT_KEY_PROBED_SLOWLY, ANY, "{host} tries targets at {peer} that are not there: {1} of them over {2} days, {since}.", \
		"{host} 不断尝试 {peer} 中不存在的目标：{2} 天里共 {1} 个，{since}。") \
	H("relay", FACT_KEY_TUNNELLED, INBOUND, "Through its connection to {host} ({service}), {peer} outside reaches machines inside ({1} connections), {since}.", \
		"外部的 {peer} 通过其到 {host}（{service}）的连接到达内部机器（{1} 个连接），{since}。") \
	H("relay", FACT_KEY_TUNNELLED, ANY, "Through the connection of {host} to {peer} ({service}), machines inside are reached ({1} connections), {since}.", \
		"有人通过 {host} 到 {peer}（{service}）的连接到达内部机器（{1} 个连接），{since}。") \
	H("relay", FACT_KEY_RELAYED, INBOUND, "{host} passes on what {peer} sends from outside to a machine inside ({1} connections), {since}.", \
		"{host} 把外部 {peer} 发来的流量转给内网的机器（{1} 个连接），{since}。") \
	H("relay", FACT_KEY_RELAYED, INTERNAL, "{host} passes on to {peer} ({service}) what another machine sends to it ({1} connections), {since}.", \
		"{host} 把另一台机器发来的流量转给 {peer}（{service}）（{1} 个连接），{since}。") \
	H("relay", FACT_KEY_RELAYED, OUTBOUND, "{host} passes on to {peer} ({service}) outside what another machine sends to it ({1} connections), {since}.", \
		"{host} 把另一台机器发来的流量转给外部的 {peer}（{service}）（{1} 个连接），{since}。") \
	H("relay", FACT_KEY_PROXY_ASKED, INBOUND, "{host} connects elsewhere on behalf of {peer}, which is outside ({1} requests at {service}), {since}.", \
		"{host} 替外部的 {peer} 连接别处（在 {service} 上有 {1} 个请求），{since}。") \
	H("relay", FACT_KEY_PROXY_ASKED, INTERNAL, "{host} connects elsewhere on behalf of {peer} ({1} requests at {service}), {since}.", \
		"{host} 替 {peer} 连接别处（在 {service} 上有 {1} 个请求），{since}。") \
	H("relay", FACT_KEY_PROXY_ASKED, OUTBOUND, "{host} lets {peer} ({service}) outside connect on its behalf ({1} requests), {since}.", \
		"{host} 让外部的 {peer}（{service}）替它连接别处（{1} 个请求），{since}。")
// clang-format on

#endif
