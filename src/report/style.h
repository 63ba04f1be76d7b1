/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page's style, and the SHA-256 of it by which the page's content security policy
 * admits it and nothing else. A test holds the one to the other.
 *
 * Every pair of ink and ground has a contrast of at least 4.5 to 1, every mark of a plot
 * of at least 3 to 1 (WCAG 2.1, 1.4.3 and 1.4.11), in light, in dark and on paper.
 */
#ifndef DWELL_REPORT_STYLE_H
#define DWELL_REPORT_STYLE_H

// clang-format off
#define PAGE_STYLE_SHA256 "tUhhkDFEE0NOlrDQIFdzlFGwFAaBLoCFHsdJBglcXaI="

#define PAGE_STYLE \
	":root{color-scheme:light dark;--ink:#18202c;--soft:#4a5568;--paper:#fff;--card:#f7f9fb;" \
	"--line:#cbd3de;--accent:#0b5cad;--bar:#2f74bd;--band:#f2b8a0;--mark:#b3261e;" \
	"--w0:#e9eef4;--w1:#c3d7ee;--w2:#95bae2;--w3:#5f97d3;--w4:#2f74bd;--w5:#0d4a8a}" \
	"@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#aab5c5;--paper:#11151b;" \
	"--card:#191f28;--line:#3a4453;--accent:#86bdf7;--bar:#5d9fe8;--band:#70402f;--mark:#ff8f80;" \
	"--w0:#232b37;--w1:#28425f;--w2:#2d5c8e;--w3:#3f7fc4;--w4:#6caef2;--w5:#b4d7ff}}" \
	"@media print{:root{--ink:#000;--soft:#333;--paper:#fff;--card:#fff;--line:#999;" \
	"--accent:#003a75;--bar:#444;--band:#ccc;--mark:#a00000;" \
	"--w0:#f2f2f2;--w1:#d9d9d9;--w2:#b5b5b5;--w3:#888;--w4:#555;--w5:#222}}" \
	"*{box-sizing:border-box}" \
	"body{margin:0 auto;max-width:64rem;padding:2.5rem 1.25rem;color:var(--ink);" \
	"background:var(--paper);font:1rem/1.6 system-ui,-apple-system,\"Segoe UI\",\"Noto Sans\"," \
	"\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif}" \
	"h1{font-size:2rem;line-height:1.2;margin:0}h2{font-size:1.4rem;line-height:1.35;margin:0;overflow-wrap:anywhere}" \
	"h3{font-size:1.1rem;line-height:1.45;margin:0 0 .5rem;overflow-wrap:anywhere}" \
	"h4{font-size:.95rem;margin:1.25rem 0 .25rem}p{margin:.35rem 0}" \
	"a{color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}" \
	".lead,.small{color:var(--soft)}.small{font-size:.875rem;overflow-wrap:anywhere}" \
	"header{margin-bottom:2rem}" \
	".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.95rem}" \
	"th,td{text-align:left;vertical-align:top;padding:.5rem 1rem .5rem 0;" \
	"border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600;white-space:nowrap}" \
	"td.short{white-space:nowrap}td{overflow-wrap:anywhere}td.what{min-width:16rem}" \
	".case{background:var(--card);border:1px solid var(--line);border-radius:.75rem;" \
	"padding:1.5rem;margin:1.75rem 0}" \
	".figures{display:flex;flex-wrap:wrap;gap:.75rem 1.6rem;margin:1rem 0 0;padding:0}" \
	".figures small{max-width:10rem}" \
	".figures dt{color:var(--soft);font-size:.8rem}" \
	".figures dd{margin:0;font-size:1.05rem;font-weight:600;overflow-wrap:anywhere}" \
	".finding .figures dd{font-size:.95rem}.figures dd small{display:block;font-weight:400;font-size:.8rem;color:var(--soft)}" \
	".finding{border-top:1px solid var(--line);margin-top:1.5rem;padding-top:1.5rem}" \
	"ul{margin:.25rem 0;padding-left:1.3rem}li{margin:.15rem 0;padding-left:.2rem}" \
	".for{list-style:\"+\\20\\20\"}.against{list-style:\"\\2212\\20\\20\"}" \
	".context{list-style:\"\\B7\\20\\20\"}li::marker{font-weight:700;color:var(--soft)}" \
	".sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));" \
	"gap:0 2rem}" \
	".story{list-style:none;padding:0;margin:.25rem 0}.story time{color:var(--soft);" \
	"font-variant-numeric:tabular-nums;margin-right:.6rem}" \
	"figure{margin:1.25rem 0 0}figcaption{font-size:.875rem}figcaption b{display:block;" \
	"font-size:.95rem}" \
	"svg{width:100%;height:auto;display:block;margin:.35rem 0 0}" \
	"svg text{font:11px system-ui,\"Noto Sans\",\"Noto Sans CJK SC\",sans-serif;fill:var(--soft)}" \
	".bar,.flag{stroke:none;fill:var(--bar)}.flag{fill:var(--mark)}" \
	".axis,.grid,.mark,.loss,.dots{fill:none;stroke:var(--line)}.axis{stroke:var(--soft)}" \
	".grid{stroke-dasharray:2 4}.mark,.loss{stroke:var(--mark);stroke-width:1.5}" \
	".loss{stroke-width:4}.dots{stroke:var(--bar);stroke-width:3;stroke-linecap:round}" \
	".band{fill:var(--band)}.w0{fill:var(--w0)}.w1{fill:var(--w1)}.w2{fill:var(--w2)}" \
	".w3{fill:var(--w3)}.w4{fill:var(--w4)}.w5{fill:var(--w5)}" \
	"code{display:block;font:.8rem/1.5 ui-monospace,\"DejaVu Sans Mono\",monospace;" \
	"overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.4rem;padding:.5rem .75rem;" \
	"background:var(--paper)}" \
	"details.finding{padding-top:1rem;margin-top:1rem}" \
	"summary{cursor:pointer}summary h3{display:inline;font-size:1rem;font-weight:500}" \
	"details[open] summary{margin-bottom:.75rem}" \
	"footer{color:var(--soft);font-size:.875rem;border-top:1px solid var(--line);" \
	"margin-top:2.5rem;padding-top:1rem}" \
	"@media print{body{font-size:10pt;max-width:none;padding:0}.case{padding:0;border:0}" \
	"h2,h3,h4{break-after:avoid}figure,li,tr,dl{break-inside:avoid}.scroll{overflow:visible}" \
	"a{color:inherit;text-decoration:none}details::details-content{content-visibility:visible;" \
	"display:block;block-size:auto}summary{list-style:none}details figure{display:none}" \
	".figures{gap:.5rem 1.25rem}" \
	".figures dd,.finding .figures dd{font-size:9.5pt}}"
// clang-format on

#endif
