/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of IEC 60870-5-101 and -104, 7.2.1: I(number, name, operation, bytes of an
 * object without its address). Types below 45 and 70 go from the station, the others to
 * it.
 */
#ifndef DWELL_PROTO_IEC104_TABLE_H
#define DWELL_PROTO_IEC104_TABLE_H

// clang-format off
#define IEC104_TYPES(I) \
	I(1, "m_sp_na_1", REPORT, 1) I(2, "m_sp_ta_1", REPORT, 4) I(3, "m_dp_na_1", REPORT, 1) \
	I(4, "m_dp_ta_1", REPORT, 4) I(5, "m_st_na_1", REPORT, 2) I(6, "m_st_ta_1", REPORT, 5) \
	I(7, "m_bo_na_1", REPORT, 5) I(8, "m_bo_ta_1", REPORT, 8) I(9, "m_me_na_1", REPORT, 3) \
	I(10, "m_me_ta_1", REPORT, 6) I(11, "m_me_nb_1", REPORT, 3) I(12, "m_me_tb_1", REPORT, 6) \
	I(13, "m_me_nc_1", REPORT, 5) I(14, "m_me_tc_1", REPORT, 8) I(15, "m_it_na_1", REPORT, 5) \
	I(16, "m_it_ta_1", REPORT, 8) I(17, "m_ep_ta_1", REPORT, 6) I(18, "m_ep_tb_1", REPORT, 7) \
	I(19, "m_ep_tc_1", REPORT, 7) I(20, "m_ps_na_1", REPORT, 5) I(21, "m_me_nd_1", REPORT, 2) \
	I(30, "m_sp_tb_1", REPORT, 8) I(31, "m_dp_tb_1", REPORT, 8) I(32, "m_st_tb_1", REPORT, 9) \
	I(33, "m_bo_tb_1", REPORT, 12) I(34, "m_me_td_1", REPORT, 10) I(35, "m_me_te_1", REPORT, 10) \
	I(36, "m_me_tf_1", REPORT, 12) I(37, "m_it_tb_1", REPORT, 12) I(38, "m_ep_td_1", REPORT, 10) \
	I(39, "m_ep_te_1", REPORT, 11) I(40, "m_ep_tf_1", REPORT, 11) \
	I(45, "c_sc_na_1", CONTROL, 1) I(46, "c_dc_na_1", CONTROL, 1) I(47, "c_rc_na_1", CONTROL, 1) \
	I(48, "c_se_na_1", WRITE, 3) I(49, "c_se_nb_1", WRITE, 3) I(50, "c_se_nc_1", WRITE, 5) \
	I(51, "c_bo_na_1", WRITE, 4) I(58, "c_sc_ta_1", CONTROL, 8) I(59, "c_dc_ta_1", CONTROL, 8) \
	I(60, "c_rc_ta_1", CONTROL, 8) I(61, "c_se_ta_1", WRITE, 10) I(62, "c_se_tb_1", WRITE, 10) \
	I(63, "c_se_tc_1", WRITE, 12) I(64, "c_bo_ta_1", WRITE, 11) I(70, "m_ei_na_1", REPORT, 1) \
	I(100, "c_ic_na_1", READ, 1) I(101, "c_ci_na_1", READ, 1) I(102, "c_rd_na_1", READ, 0) \
	I(103, "c_cs_na_1", TIME, 7) I(104, "c_ts_na_1", DIAGNOSTIC, 2) I(105, "c_rp_na_1", MODE, 1) \
	I(106, "c_cd_na_1", DIAGNOSTIC, 2) I(107, "c_ts_ta_1", DIAGNOSTIC, 9) \
	I(110, "p_me_na_1", WRITE, 3) I(111, "p_me_nb_1", WRITE, 3) I(112, "p_me_nc_1", WRITE, 5) \
	I(113, "p_ac_na_1", WRITE, 1) I(120, "f_fr_na_1", FILE, 6) I(121, "f_sr_na_1", FILE, 7) \
	I(122, "f_sc_na_1", FILE, 4) I(123, "f_ls_na_1", FILE, 5) I(124, "f_af_na_1", FILE, 4) \
	I(125, "f_sg_na_1", FILE, 0) I(126, "f_dr_ta_1", FILE, 13) I(127, "f_sc_nb_1", FILE, 16)
// clang-format on

#endif
