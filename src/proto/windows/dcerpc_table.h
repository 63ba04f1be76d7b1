/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interfaces of DCE/RPC by their UUID, with the names of their operations by number:
 * MS-SCMR, MS-SAMR, MS-LSAD, MS-LSAT, MS-NRPC, MS-DRSR, MS-SRVS, MS-WKST, MS-RRP,
 * MS-TSCH, MS-RPRN, MS-PAR, MS-EFSR, MS-DCOM, MS-WMI, MS-EVEN, MS-DFSNM, MS-DNSP, MS-RSP,
 * MS-BKRP, C706 (endpoint mapper, management). Interfaces are named as Zeek names them.
 */
#ifndef DWELL_PROTO_DCERPC_TABLE_H
#define DWELL_PROTO_DCERPC_TABLE_H

// clang-format off

/* I(name, "UUID", operations) */
#define DCERPC_INTERFACES(I) \
	I("epmapper", "e1af8308-5d1f-11c9-91a4-08002b14a0fa", ops_epmapper) \
	I("mgmt", "afa8bd80-7d8a-11c9-bef4-08002b102989", ops_mgmt) \
	I("svcctl", "367abb81-9844-35f1-ad32-98f038001003", ops_svcctl) \
	I("samr", "12345778-1234-abcd-ef00-0123456789ac", ops_samr) \
	I("lsarpc", "12345778-1234-abcd-ef00-0123456789ab", ops_lsarpc) \
	I("netlogon", "12345678-1234-abcd-ef00-01234567cffb", ops_netlogon) \
	I("drsuapi", "e3514235-4b06-11d1-ab04-00c04fc2dcd2", ops_drsuapi) \
	I("srvsvc", "4b324fc8-1670-01d3-1278-5a47bf6ee188", ops_srvsvc) \
	I("wkssvc", "6bffd098-a112-3610-9833-46c3f87e345a", ops_wkssvc) \
	I("winreg", "338cd001-2244-31f1-aaaa-900038001003", ops_winreg) \
	I("atsvc", "1ff70682-0a51-30e8-076d-740be8cee98b", ops_atsvc) \
	I("ITaskSchedulerService", "86d35949-83c9-4044-b424-db363231fd0c", ops_tsch) \
	I("sasec", "378e52b0-c0a9-11cf-822d-00aa0051e40f", ops_sasec) \
	I("spoolss", "12345678-1234-abcd-ef00-0123456789ab", ops_spoolss) \
	I("IRemoteWinspool", "76f03f96-cdfd-44fc-a22c-64950a001209", ops_winspool) \
	I("efsrpc2", "c681d488-d850-11d0-8c52-00c04fd90f7e", ops_efsrpc) \
	I("efsrpc", "df1941c5-fe89-4e79-bf10-463657acf44d", ops_efsrpc) \
	I("IObjectExporter", "99fcfec4-5260-101b-bbcb-00aa0021347a", ops_exporter) \
	I("IActivation", "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", ops_activation) \
	I("IRemoteSCMActivator", "000001a0-0000-0000-c000-000000000046", ops_activator) \
	I("IUnknown", "00000000-0000-0000-c000-000000000046", ops_unknown) \
	I("IRemUnknown", "00000131-0000-0000-c000-000000000046", ops_remunknown) \
	I("IRemUnknown2", "00000143-0000-0000-c000-000000000046", ops_remunknown) \
	I("IDispatch", "00020400-0000-0000-c000-000000000046", ops_dispatch) \
	I("ITypeInfo", "00020401-0000-0000-c000-000000000046", ops_typeinfo) \
	I("IWbemLevel1Login", "f309ad18-d86a-11d0-a075-00c04fb68820", ops_wbemlogin) \
	I("IWbemLoginClientID", "d4781cd6-e5d3-44df-ad94-930efe48a887", ops_wbemclient) \
	I("IWbemServices", "9556dc99-828c-11cf-a37e-00aa003240c7", ops_wbemservices) \
	I("IEnumWbemClassObject", "027947e1-d731-11ce-a357-000000000001", ops_wbemenum) \
	I("IWbemCallResult", "44aca675-e8fc-11d0-a07c-00c04fb68820", ops_wbemresult) \
	I("IWbemFetchSmartEnum", "1c1c45ee-4395-11d2-b60b-00104b703efd", ops_wbemfetch) \
	I("IWbemWCOSmartEnum", "423ec01e-2e35-11d2-b604-00104b703efd", ops_wbemwco) \
	I("IWbemObjectSink", "7c857801-7381-11cf-884d-00aa004b2e24", ops_wbemsink) \
	I("eventlog", "82273fdc-e32a-18c3-3f78-827929dc23ea", ops_eventlog) \
	I("IEventService", "f6beaff7-1e19-4fbb-9f8f-b89e2018337c", ops_eventservice) \
	I("netdfs", "4fc742e0-4a10-11cf-8273-00aa004ae673", ops_netdfs) \
	I("dnsserver", "50abc2a4-574d-40b3-9d66-ee4fd5fba076", ops_dnsserver) \
	I("initshutdown", "894de0c0-0d55-11d3-a322-00c04fa321a1", ops_shutdown) \
	I("dssetup", "3919286a-b10c-11d0-9ba8-00c04fd92ef5", ops_dssetup) \
	I("backupkey", "3dde7c30-165d-11d1-ab8f-00805f14db40", ops_backupkey) \
	I("fsrvp", "a8e0653c-2744-4389-a61d-7373df8b2292", ops_fsrvp) \
	I("browser", "6bffd098-a112-3610-9833-012892020162", ops_none) \
	I("msgsvcsend", "5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", ops_none) \
	I("trkwks", "300f3532-38cc-11d0-a3f0-0020af6b0add", ops_none) \
	I("w32time", "8fb6d884-2388-11d0-8c35-00c04fda2795", ops_none) \
	I("nspi", "f5cc5a18-4264-101a-8c59-08002b2f8426", ops_none) \
	I("mapi", "a4f1db00-ca47-1067-b31f-00dd010662da", ops_none) \
	I("tapsrv", "2f5f6520-ca46-1067-b319-00dd010662da", ops_none) \
	I("PNIO (Device Interface)", "dea00001-6c97-11d1-8271-00a02442df7d", ops_none)

static const char *const ops_none[] = {NULL};

static const char *const ops_epmapper[] = {"ept_insert", "ept_delete", "ept_lookup",
	"ept_map", "ept_lookup_handle_free", "ept_inq_object", "ept_mgmt_delete"};

static const char *const ops_mgmt[] = {"inq_if_ids", "inq_stats", "is_server_listening",
	"stop_server_listening", "inq_princ_name"};

static const char *const ops_svcctl[] = {"CloseServiceHandle", "ControlService",
	"DeleteService", "LockServiceDatabase", "QueryServiceObjectSecurity",
	"SetServiceObjectSecurity", "QueryServiceStatus", "SetServiceStatus",
	"UnlockServiceDatabase", "NotifyBootConfigStatus", "SetServiceBitsW",
	"ChangeServiceConfigW", "CreateServiceW", "EnumDependentServicesW",
	"EnumServicesStatusW", "OpenSCManagerW", "OpenServiceW", "QueryServiceConfigW",
	"QueryServiceLockStatusW", "StartServiceW", "GetServiceDisplayNameW",
	"GetServiceKeyNameW", "SetServiceBitsA", "ChangeServiceConfigA", "CreateServiceA",
	"EnumDependentServicesA", "EnumServicesStatusA", "OpenSCManagerA", "OpenServiceA",
	"QueryServiceConfigA", "QueryServiceLockStatusA", "StartServiceA",
	"GetServiceDisplayNameA", "GetServiceKeyNameA", "GetCurrentGroupStateW",
	"EnumServiceGroupW", "ChangeServiceConfig2A", "ChangeServiceConfig2W",
	"QueryServiceConfig2A", "QueryServiceConfig2W", "QueryServiceStatusEx",
	"EnumServicesStatusExA", "EnumServicesStatusExW", "SendTSMessage",
	"CreateServiceWOW64A", "CreateServiceWOW64W", "QueryServiceTagInfo",
	"NotifyServiceStatusChange", "GetNotifyResults", "CloseNotifyHandle",
	"ControlServiceExA", "ControlServiceExW", "SendPnPMessage", "ValidatePnPService",
	"OpenServiceStatusHandle", NULL, "QueryServiceConfigEx", NULL, NULL, NULL,
	"CreateWowService", NULL, NULL, NULL, "OpenSCManager2"};

static const char *const ops_samr[] = {"SamrConnect", "SamrCloseHandle",
	"SamrSetSecurityObject", "SamrQuerySecurityObject", "SamrShutdownSamServer",
	"SamrLookupDomainInSamServer", "SamrEnumerateDomainsInSamServer",
	"SamrOpenDomain", "SamrQueryInformationDomain", "SamrSetInformationDomain",
	"SamrCreateGroupInDomain", "SamrEnumerateGroupsInDomain",
	"SamrCreateUserInDomain", "SamrEnumerateUsersInDomain",
	"SamrCreateAliasInDomain", "SamrEnumerateAliasesInDomain",
	"SamrGetAliasMembership", "SamrLookupNamesInDomain", "SamrLookupIdsInDomain",
	"SamrOpenGroup", "SamrQueryInformationGroup", "SamrSetInformationGroup",
	"SamrAddMemberToGroup", "SamrDeleteGroup", "SamrRemoveMemberFromGroup",
	"SamrGetMembersInGroup", "SamrSetMemberAttributesOfGroup", "SamrOpenAlias",
	"SamrQueryInformationAlias", "SamrSetInformationAlias", "SamrDeleteAlias",
	"SamrAddMemberToAlias", "SamrRemoveMemberFromAlias", "SamrGetMembersInAlias",
	"SamrOpenUser", "SamrDeleteUser", "SamrQueryInformationUser",
	"SamrSetInformationUser", "SamrChangePasswordUser", "SamrGetGroupsForUser",
	"SamrQueryDisplayInformation", "SamrGetDisplayEnumerationIndex",
	"SamrTestPrivateFunctionsDomain", "SamrTestPrivateFunctionsUser",
	"SamrGetUserDomainPasswordInformation", "SamrRemoveMemberFromForeignDomain",
	"SamrQueryInformationDomain2", "SamrQueryInformationUser2",
	"SamrQueryDisplayInformation2", "SamrGetDisplayEnumerationIndex2",
	"SamrCreateUser2InDomain", "SamrQueryDisplayInformation3",
	"SamrAddMultipleMembersToAlias", "SamrRemoveMultipleMembersFromAlias",
	"SamrOemChangePasswordUser2", "SamrUnicodeChangePasswordUser2",
	"SamrGetDomainPasswordInformation", "SamrConnect2", "SamrSetInformationUser2",
	"SamrSetBootKeyInformation", "SamrGetBootKeyInformation", "SamrConnect3",
	"SamrConnect4", "SamrUnicodeChangePasswordUser3", "SamrConnect5", "SamrRidToSid",
	"SamrSetDSRMPassword", "SamrValidatePassword"};

static const char *const ops_lsarpc[] = {"LsarClose", "LsarDelete",
	"LsarEnumeratePrivileges", "LsarQuerySecurityObject", "LsarSetSecurityObject",
	"LsarChangePassword", "LsarOpenPolicy", "LsarQueryInformationPolicy",
	"LsarSetInformationPolicy", "LsarClearAuditLog", "LsarCreateAccount",
	"LsarEnumerateAccounts", "LsarCreateTrustedDomain",
	"LsarEnumerateTrustedDomains", "LsarLookupNames", "LsarLookupSids",
	"LsarCreateSecret", "LsarOpenAccount", "LsarEnumeratePrivilegesAccount",
	"LsarAddPrivilegesToAccount", "LsarRemovePrivilegesFromAccount",
	"LsarGetQuotasForAccount", "LsarSetQuotasForAccount",
	"LsarGetSystemAccessAccount", "LsarSetSystemAccessAccount",
	"LsarOpenTrustedDomain", "LsarQueryInfoTrustedDomain",
	"LsarSetInformationTrustedDomain", "LsarOpenSecret", "LsarSetSecret",
	"LsarQuerySecret", "LsarLookupPrivilegeValue", "LsarLookupPrivilegeName",
	"LsarLookupPrivilegeDisplayName", "LsarDeleteObject",
	"LsarEnumerateAccountsWithUserRight", "LsarEnumerateAccountRights",
	"LsarAddAccountRights", "LsarRemoveAccountRights", "LsarQueryTrustedDomainInfo",
	"LsarSetTrustedDomainInfo", "LsarDeleteTrustedDomain", "LsarStorePrivateData",
	"LsarRetrievePrivateData", "LsarOpenPolicy2", "LsarGetUserName",
	"LsarQueryInformationPolicy2", "LsarSetInformationPolicy2",
	"LsarQueryTrustedDomainInfoByName", "LsarSetTrustedDomainInfoByName",
	"LsarEnumerateTrustedDomainsEx", "LsarCreateTrustedDomainEx",
	"LsarCloseTrustedDomainEx", "LsarQueryDomainInformationPolicy",
	"LsarSetDomainInformationPolicy", "LsarOpenTrustedDomainByName", "LsarTestCall",
	"LsarLookupSids2", "LsarLookupNames2", "LsarCreateTrustedDomainEx2", NULL, NULL,
	NULL, NULL, NULL, NULL, NULL, NULL, "LsarLookupNames3", NULL, NULL, NULL, NULL,
	"LsarQueryForestTrustInformation", "LsarSetForestTrustInformation", NULL,
	"LsarLookupSids3", "LsarLookupNames4"};

static const char *const ops_netlogon[] = {"NetrLogonUasLogon", "NetrLogonUasLogoff",
	"NetrLogonSamLogon", "NetrLogonSamLogoff", "NetrServerReqChallenge",
	"NetrServerAuthenticate", "NetrServerPasswordSet", "NetrDatabaseDeltas",
	"NetrDatabaseSync", "NetrAccountDeltas", "NetrAccountSync", "NetrGetDCName",
	"NetrLogonControl", "NetrGetAnyDCName", "NetrLogonControl2",
	"NetrServerAuthenticate2", "NetrDatabaseSync2", "NetrDatabaseRedo",
	"NetrLogonControl2Ex", "NetrEnumerateTrustedDomains", "DsrGetDcName",
	"NetrLogonGetCapabilities", "NetrLogonSetServiceBits", "NetrLogonGetTrustRid",
	"NetrLogonComputeServerDigest", "NetrLogonComputeClientDigest",
	"NetrServerAuthenticate3", "DsrGetDcNameEx", "DsrGetSiteName",
	"NetrLogonGetDomainInfo", "NetrServerPasswordSet2", "NetrServerPasswordGet",
	"NetrLogonSendToSam", "DsrAddressToSiteNamesW", "DsrGetDcNameEx2",
	"NetrLogonGetTimeServiceParentDomain", "NetrEnumerateTrustedDomainsEx",
	"DsrAddressToSiteNamesExW", "DsrGetDcSiteCoverageW", "NetrLogonSamLogonEx",
	"DsrEnumerateDomainTrusts", "DsrDeregisterDnsHostRecords",
	"NetrServerTrustPasswordsGet", "DsrGetForestTrustInformation",
	"NetrGetForestTrustInformation", "NetrLogonSamLogonWithFlags",
	"NetrServerGetTrustInfo"};

static const char *const ops_drsuapi[] = {"DRSBind", "DRSUnbind", "DRSReplicaSync",
	"DRSGetNCChanges", "DRSUpdateRefs", "DRSReplicaAdd", "DRSReplicaDel",
	"DRSReplicaModify", "DRSVerifyNames", "DRSGetMemberships", "DRSInterDomainMove",
	"DRSGetNT4ChangeLog", "DRSCrackNames", "DRSWriteSPN", "DRSRemoveDsServer",
	"DRSRemoveDsDomain", "DRSDomainControllerInfo", "DRSAddEntry", "DRSExecuteKCC",
	"DRSGetReplInfo", "DRSAddSidHistory", "DRSGetMemberships2",
	"DRSReplicaVerifyObjects", "DRSGetObjectExistence", "DRSQuerySitesByCost",
	"DRSInitDemotion", "DRSReplicaDemotion", "DRSFinishDemotion", "DRSAddCloneDC"};

static const char *const ops_srvsvc[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	"NetrConnectionEnum", "NetrFileEnum", "NetrFileGetInfo", "NetrFileClose",
	"NetrSessionEnum", "NetrSessionDel", "NetrShareAdd", "NetrShareEnum",
	"NetrShareGetInfo", "NetrShareSetInfo", "NetrShareDel", "NetrShareDelSticky",
	"NetrShareCheck", "NetrServerGetInfo", "NetrServerSetInfo", "NetrServerDiskEnum",
	"NetrServerStatisticsGet", "NetrServerTransportAdd", "NetrServerTransportEnum",
	"NetrServerTransportDel", "NetrRemoteTOD", NULL, "NetprPathType",
	"NetprPathCanonicalize", "NetprPathCompare", "NetprNameValidate",
	"NetprNameCanonicalize", "NetprNameCompare", "NetrShareEnumSticky",
	"NetrShareDelStart", "NetrShareDelCommit", "NetrpGetFileSecurity",
	"NetrpSetFileSecurity"};

static const char *const ops_wkssvc[] = {"NetrWkstaGetInfo", "NetrWkstaSetInfo",
	"NetrWkstaUserEnum", NULL, NULL, "NetrWkstaTransportEnum",
	"NetrWkstaTransportAdd", "NetrWkstaTransportDel", "NetrUseAdd",
	"NetrUseGetInfo", "NetrUseDel", "NetrUseEnum", NULL,
	"NetrWorkstationStatisticsGet", NULL, NULL, NULL, NULL, NULL, NULL,
	"NetrGetJoinInformation", NULL, "NetrJoinDomain2", "NetrUnjoinDomain2",
	"NetrRenameMachineInDomain2", "NetrValidateName2", "NetrGetJoinableOUs2",
	"NetrAddAlternateComputerName", "NetrRemoveAlternateComputerName",
	"NetrSetPrimaryComputerName", "NetrEnumerateComputerNames"};

static const char *const ops_winreg[] = {"OpenClassesRoot", "OpenCurrentUser",
	"OpenLocalMachine", "OpenPerformanceData", "OpenUsers", "BaseRegCloseKey",
	"BaseRegCreateKey", "BaseRegDeleteKey", "BaseRegDeleteValue", "BaseRegEnumKey",
	"BaseRegEnumValue", "BaseRegFlushKey", "BaseRegGetKeySecurity",
	"BaseRegLoadKey", NULL, "BaseRegOpenKey", "BaseRegQueryInfoKey",
	"BaseRegQueryValue", "BaseRegReplaceKey", "BaseRegRestoreKey",
	"BaseRegSaveKey", "BaseRegSetKeySecurity", "BaseRegSetValue",
	"BaseRegUnLoadKey", "BaseInitiateSystemShutdown", "BaseAbortSystemShutdown",
	"BaseRegGetVersion", "OpenCurrentConfig", NULL, "BaseRegQueryMultipleValues",
	"BaseInitiateSystemShutdownEx", "BaseRegSaveKeyEx", "OpenPerformanceText",
	"OpenPerformanceNlsText", "BaseRegQueryMultipleValues2", "BaseRegDeleteKeyEx"};

static const char *const ops_atsvc[] = {"NetrJobAdd", "NetrJobDel", "NetrJobEnum",
	"NetrJobGetInfo"};

static const char *const ops_tsch[] = {"SchRpcHighestVersion", "SchRpcRegisterTask",
	"SchRpcRetrieveTask", "SchRpcCreateFolder", "SchRpcSetSecurity",
	"SchRpcGetSecurity", "SchRpcEnumFolders", "SchRpcEnumTasks",
	"SchRpcEnumInstances", "SchRpcGetInstanceInfo", "SchRpcStopInstance",
	"SchRpcStop", "SchRpcRun", "SchRpcDelete", "SchRpcRename",
	"SchRpcScheduledRuntimes", "SchRpcGetLastRunInfo", "SchRpcGetTaskInfo",
	"SchRpcGetNumberOfMissedRuns", "SchRpcEnableTask"};

static const char *const ops_sasec[] = {"SASetAccountInformation",
	"SASetNSAccountInformation", "SAGetNSAccountInformation",
	"SAGetAccountInformation"};

static const char *const ops_spoolss[] = {"RpcEnumPrinters", "RpcOpenPrinter",
	"RpcSetJob", "RpcGetJob", "RpcEnumJobs", "RpcAddPrinter", "RpcDeletePrinter",
	"RpcSetPrinter", "RpcGetPrinter", "RpcAddPrinterDriver",
	"RpcEnumPrinterDrivers", "RpcGetPrinterDriver", "RpcGetPrinterDriverDirectory",
	"RpcDeletePrinterDriver", "RpcAddPrintProcessor", "RpcEnumPrintProcessors",
	"RpcGetPrintProcessorDirectory", "RpcStartDocPrinter", "RpcStartPagePrinter",
	"RpcWritePrinter", "RpcEndPagePrinter", "RpcAbortPrinter", "RpcReadPrinter",
	"RpcEndDocPrinter", "RpcAddJob", "RpcScheduleJob", "RpcGetPrinterData",
	"RpcSetPrinterData", "RpcWaitForPrinterChange", "RpcClosePrinter", "RpcAddForm",
	"RpcDeleteForm", "RpcGetForm", "RpcSetForm", "RpcEnumForms", "RpcEnumPorts",
	"RpcEnumMonitors", NULL, NULL, "RpcDeletePort", "RpcCreatePrinterIC",
	"RpcPlayGdiScriptOnPrinterIC", "RpcDeletePrinterIC",
	"RpcAddPrinterConnection", "RpcDeletePrinterConnection",
	"RpcPrinterMessageBox", "RpcAddMonitor", "RpcDeleteMonitor",
	"RpcDeletePrintProcessor", NULL, NULL, "RpcEnumPrintProcessorDatatypes",
	"RpcResetPrinter", NULL, NULL, NULL, "RpcFindClosePrinterChangeNotification",
	NULL, "RpcReplyOpenPrinter", "RpcRouterReplyPrinter", "RpcReplyClosePrinter",
	"RpcAddPortEx", "RpcRemoteFindFirstPrinterChangeNotification", NULL, NULL,
	"RpcRemoteFindFirstPrinterChangeNotificationEx", "RpcRouterReplyPrinterEx",
	"RpcRouterRefreshPrinterChangeNotification", NULL, "RpcOpenPrinterEx",
	"RpcAddPrinterEx", "RpcSetPort", "RpcEnumPrinterData",
	"RpcDeletePrinterData", NULL, NULL, NULL, "RpcSetPrinterDataEx",
	"RpcGetPrinterDataEx", "RpcEnumPrinterDataEx", "RpcEnumPrinterKey",
	"RpcDeletePrinterDataEx", "RpcDeletePrinterKey", NULL,
	"RpcDeletePrinterDriverEx", "RpcAddPerMachineConnection",
	"RpcDeletePerMachineConnection", "RpcEnumPerMachineConnections", "RpcXcvData",
	"RpcAddPrinterDriverEx"};

static const char *const ops_winspool[] = {"RpcAsyncOpenPrinter", "RpcAsyncAddPrinter",
	"RpcAsyncSetJob", "RpcAsyncGetJob", "RpcAsyncEnumJobs", "RpcAsyncAddJob",
	"RpcAsyncScheduleJob", "RpcAsyncDeletePrinter", "RpcAsyncSetPrinter",
	"RpcAsyncGetPrinter", "RpcAsyncStartDocPrinter", "RpcAsyncStartPagePrinter",
	"RpcAsyncWritePrinter", "RpcAsyncEndPagePrinter", "RpcAsyncEndDocPrinter",
	"RpcAsyncAbortPrinter", "RpcAsyncGetPrinterData", "RpcAsyncGetPrinterDataEx",
	"RpcAsyncSetPrinterData", "RpcAsyncSetPrinterDataEx", "RpcAsyncClosePrinter",
	"RpcAsyncAddForm", "RpcAsyncDeleteForm", "RpcAsyncGetForm", "RpcAsyncSetForm",
	"RpcAsyncEnumForms", "RpcAsyncGetPrinterDriver",
	[54] = "RpcAsyncEnumPrintProcessorDatatypes"};

static const char *const ops_efsrpc[] = {"EfsRpcOpenFileRaw", "EfsRpcReadFileRaw",
	"EfsRpcWriteFileRaw", "EfsRpcCloseRaw", "EfsRpcEncryptFileSrv",
	"EfsRpcDecryptFileSrv", "EfsRpcQueryUsersOnFile", "EfsRpcQueryRecoveryAgents",
	"EfsRpcRemoveUsersFromFile", "EfsRpcAddUsersToFile", NULL, "EfsRpcNotSupported",
	"EfsRpcFileKeyInfo", "EfsRpcDuplicateEncryptionInfoFile", NULL,
	"EfsRpcAddUsersToFileEx", "EfsRpcFileKeyInfoEx", NULL,
	"EfsRpcGetEncryptedFileMetadata", "EfsRpcSetEncryptedFileMetadata",
	"EfsRpcFlushEfsCache", "EfsRpcEncryptFileExSrv", "EfsRpcQueryProtectors"};

static const char *const ops_exporter[] = {"ResolveOxid", "SimplePing", "ComplexPing",
	"ServerAlive", "ResolveOxid2", "ServerAlive2"};
static const char *const ops_activation[] = {"RemoteActivation"};
static const char *const ops_activator[] = {NULL, NULL, NULL, "RemoteGetClassObject",
	"RemoteCreateInstance"};
static const char *const ops_unknown[] = {"QueryInterface", "AddRef", "Release"};
static const char *const ops_remunknown[] = {NULL, NULL, NULL, "RemQueryInterface",
	"RemAddRef", "RemRelease", "RemQueryInterface2"};
static const char *const ops_dispatch[] = {NULL, NULL, NULL, "GetTypeInfoCount",
	"GetTypeInfo", "GetIDsOfNames", "Invoke"};
static const char *const ops_typeinfo[] = {NULL, NULL, NULL, "GetTypeAttr",
	"GetTypeComp", "GetFuncDesc", "GetVarDesc", "GetNames", "GetRefTypeOfImplType",
	"GetImplTypeFlags"};
static const char *const ops_wbemlogin[] = {NULL, NULL, NULL, "EstablishPosition",
	"RequestChallenge", "WBEMLogin", "NTLMLogin"};
static const char *const ops_wbemclient[] = {NULL, NULL, NULL, "SetClientInfo"};
static const char *const ops_wbemservices[] = {NULL, NULL, NULL, "OpenNamespace",
	"CancelAsyncCall", "QueryObjectSink", "GetObject", "GetObjectAsync", "PutClass",
	"PutClassAsync", "DeleteClass", "DeleteClassAsync", "CreateClassEnum",
	"CreateClassEnumAsync", "PutInstance", "PutInstanceAsync", "DeleteInstance",
	"DeleteInstanceAsync", "CreateInstanceEnum", "CreateInstanceEnumAsync",
	"ExecQuery", "ExecQueryAsync", "ExecNotificationQuery",
	"ExecNotificationQueryAsync", "ExecMethod", "ExecMethodAsync"};
static const char *const ops_wbemenum[] = {NULL, NULL, NULL, "Reset", "Next",
	"NextAsync", "Clone", "Skip"};
static const char *const ops_wbemresult[] = {NULL, NULL, NULL, "GetResultObject",
	"GetResultString", "GetResultServices", "GetCallStatus"};
static const char *const ops_wbemfetch[] = {NULL, NULL, NULL, "GetSmartEnum"};
static const char *const ops_wbemwco[] = {NULL, NULL, NULL, "Next"};
static const char *const ops_wbemsink[] = {NULL, NULL, NULL, "Indicate", "SetStatus"};

static const char *const ops_eventlog[] = {"ElfrClearELFW", "ElfrBackupELFW",
	"ElfrCloseEL", "ElfrDeregisterEventSource", "ElfrNumberOfRecords",
	"ElfrOldestRecord", "ElfrChangeNotify", "ElfrOpenELW",
	"ElfrRegisterEventSourceW", "ElfrOpenBELW", "ElfrReadELW", "ElfrReportEventW",
	"ElfrClearELFA", "ElfrBackupELFA", "ElfrOpenELA", "ElfrRegisterEventSourceA",
	"ElfrOpenBELA", "ElfrReadELA", "ElfrReportEventA"};

static const char *const ops_eventservice[] = {"EvtRpcRegisterRemoteSubscription",
	"EvtRpcRemoteSubscriptionNextAsync", "EvtRpcRemoteSubscriptionNext",
	"EvtRpcRemoteSubscriptionWaitAsync", "EvtRpcRegisterControllableOperation",
	"EvtRpcRegisterLogQuery", "EvtRpcClearLog", "EvtRpcExportLog",
	"EvtRpcLocalizeExportLog", "EvtRpcMessageRender", "EvtRpcMessageRenderDefault",
	"EvtRpcQueryNext", "EvtRpcQuerySeek", "EvtRpcClose", "EvtRpcCancel"};

static const char *const ops_netdfs[] = {"NetrDfsManagerGetVersion", "NetrDfsAdd",
	"NetrDfsRemove", "NetrDfsSetInfo", "NetrDfsGetInfo", "NetrDfsEnum", "NetrDfsMove",
	NULL, NULL, NULL, "NetrDfsAddFtRoot", "NetrDfsRemoveFtRoot",
	"NetrDfsAddStdRoot", "NetrDfsRemoveStdRoot", "NetrDfsManagerInitialize",
	"NetrDfsAddStdRootForced", "NetrDfsGetDcAddress", "NetrDfsSetDcAddress",
	"NetrDfsFlushFtTable", "NetrDfsAdd2", "NetrDfsRemove2", "NetrDfsEnumEx",
	"NetrDfsSetInfo2"};

static const char *const ops_dnsserver[] = {"R_DnssrvOperation", "R_DnssrvQuery",
	"R_DnssrvComplexOperation", "R_DnssrvEnumRecords", "R_DnssrvUpdateRecord",
	"R_DnssrvOperation2", "R_DnssrvQuery2", "R_DnssrvComplexOperation2",
	"R_DnssrvEnumRecords2", "R_DnssrvUpdateRecord2"};

static const char *const ops_shutdown[] = {"BaseInitiateShutdown", "BaseAbortShutdown",
	"BaseInitiateShutdownEx"};
static const char *const ops_dssetup[] = {"DsRolerGetPrimaryDomainInformation"};
static const char *const ops_backupkey[] = {"BackuprKey"};
static const char *const ops_fsrvp[] = {"GetSupportedVersion", "SetContext",
	"StartShadowCopySet", "AddToShadowCopySet", "CommitShadowCopySet",
	"ExposeShadowCopySet", "RecoveryCompleteShadowCopySet", "AbortShadowCopySet",
	"IsPathSupported", "IsPathShadowCopied", "GetShareMapping", "DeleteShareMapping",
	"PrepareShadowCopySet"};

// clang-format on

#endif
