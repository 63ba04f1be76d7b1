/* SPDX-License-Identifier: Apache-2.0 */
/* The techniques that detectors give, by id and name as MITRE ATT&CK (Enterprise; those
 * that begin with T0: ICS) calls them: T("id", "name"). */
#ifndef DWELL_REPORT_TECHNIQUE_TABLE_H
#define DWELL_REPORT_TECHNIQUE_TABLE_H

// clang-format off
#define TECHNIQUES(T) \
	T("T1001", "Data Obfuscation") \
	T("T1001.003", "Protocol or Service Impersonation") \
	T("T1003.006", "DCSync") \
	T("T1008", "Fallback Channels") \
	T("T1018", "Remote System Discovery") \
	T("T1021", "Remote Services") \
	T("T1021.001", "Remote Desktop Protocol") \
	T("T1021.002", "SMB/Windows Admin Shares") \
	T("T1021.003", "Distributed Component Object Model") \
	T("T1021.004", "SSH") \
	T("T1021.005", "VNC") \
	T("T1021.006", "Windows Remote Management") \
	T("T1029", "Scheduled Transfer") \
	T("T1030", "Data Transfer Size Limits") \
	T("T1041", "Exfiltration Over C2 Channel") \
	T("T1046", "Network Service Discovery") \
	T("T1047", "Windows Management Instrumentation") \
	T("T1048", "Exfiltration Over Alternative Protocol") \
	T("T1048.001", "Exfiltration Over Symmetric Encrypted Non-C2 Protocol") \
	T("T1048.002", "Exfiltration Over Asymmetric Encrypted Non-C2 Protocol") \
	T("T1048.003", "Exfiltration Over Unencrypted Non-C2 Protocol") \
	T("T1053.002", "At") \
	T("T1053.005", "Scheduled Task") \
	T("T1071", "Application Layer Protocol") \
	T("T1071.001", "Web Protocols") \
	T("T1071.002", "File Transfer Protocols") \
	T("T1071.003", "Mail Protocols") \
	T("T1071.004", "DNS") \
	T("T1074", "Data Staged") \
	T("T1074.002", "Remote Data Staging") \
	T("T1090", "Proxy") \
	T("T1090.001", "Internal Proxy") \
	T("T1090.002", "External Proxy") \
	T("T1090.003", "Multi-hop Proxy") \
	T("T1090.004", "Domain Fronting") \
	T("T1095", "Non-Application Layer Protocol") \
	T("T1102", "Web Service") \
	T("T1110", "Brute Force") \
	T("T1112", "Modify Registry") \
	T("T1132", "Data Encoding") \
	T("T1133", "External Remote Services") \
	T("T1187", "Forced Authentication") \
	T("T1189", "Drive-by Compromise") \
	T("T1190", "Exploit Public-Facing Application") \
	T("T1205", "Traffic Signaling") \
	T("T1205.001", "Port Knocking") \
	T("T1205.002", "Socket Filters") \
	T("T1210", "Exploitation of Remote Services") \
	T("T1219", "Remote Access Tools") \
	T("T1498", "Network Denial of Service") \
	T("T1542.005", "TFTP Boot") \
	T("T1543.003", "Windows Service") \
	T("T1550", "Use Alternate Authentication Material") \
	T("T1550.002", "Pass the Hash") \
	T("T1552.004", "Private Keys") \
	T("T1556.004", "Network Device Authentication") \
	T("T1557", "Adversary-in-the-Middle") \
	T("T1558", "Steal or Forge Kerberos Tickets") \
	T("T1558.003", "Kerberoasting") \
	T("T1567", "Exfiltration Over Web Service") \
	T("T1567.002", "Exfiltration to Cloud Storage") \
	T("T1568", "Dynamic Resolution") \
	T("T1568.001", "Fast Flux DNS") \
	T("T1568.002", "Domain Generation Algorithms") \
	T("T1569.002", "Service Execution") \
	T("T1570", "Lateral Tool Transfer") \
	T("T1571", "Non-Standard Port") \
	T("T1572", "Protocol Tunneling") \
	T("T1573", "Encrypted Channel") \
	T("T1573.001", "Symmetric Cryptography") \
	T("T1573.002", "Asymmetric Cryptography") \
	T("T1587.003", "Digital Certificates") \
	T("T1595", "Active Scanning") \
	T("T1601", "Modify System Image") \
	T("T1665", "Hide Infrastructure") \
	T("T0800", "Activate Firmware Update Mode") \
	T("T0814", "Denial of Service") \
	T("T0816", "Device Restart/Shutdown") \
	T("T0821", "Modify Controller Tasking") \
	T("T0831", "Manipulation of Control") \
	T("T0836", "Modify Parameter") \
	T("T0843", "Program Download") \
	T("T0845", "Program Upload") \
	T("T0846", "Remote System Discovery") \
	T("T0848", "Rogue Master") \
	T("T0855", "Unauthorized Command Message") \
	T("T0856", "Spoof Reporting Message") \
	T("T0857", "System Firmware") \
	T("T0858", "Change Operating Mode") \
	T("T0861", "Point & Tag Identification") \
	T("T0869", "Standard Application Layer Protocol") \
	T("T0878", "Alarm Suppression") \
	T("T0884", "Connection Proxy") \
	T("T0885", "Commonly Used Port") \
	T("T0886", "Remote Services") \
	T("T0888", "Remote System Information Discovery") \
	T("T0889", "Modify Program")
// clang-format on

#endif
