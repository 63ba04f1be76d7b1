/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the order of how much a match says: fixed bytes at fixed places, by their first
 * byte; containers, into which one has to look; then text, by its first words.
 */
#include "proto/shared/file_type.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define TEXT_LEAST 10 /* printable bytes that make a text */

struct magic {
	unsigned at; /* where in the file */
	size_t n;
	const char *bytes;
	const char *type;
};

// clang-format off
#define M(at, bytes, type) {at, sizeof(bytes) - 1, bytes, type}
static const struct magic magics[] = {
	M(0, "\x89PNG", "image/png"),
	M(0, "GIF8", "image/gif"),
	M(0, "\xff\xd8", "image/jpeg"),
	M(0, "%PDF-", "application/pdf"),
	M(0, "\x1f\x8b", "application/x-gzip"),
	M(0, "Rar!", "application/x-rar"),
	M(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
	M(0, "\xfd" "7zXZ\0", "application/x-xz"),
	M(0, "BZh", "application/x-bzip2"),
	M(0, "\x5d\0\0", "application/x-lzma"),
	M(0, "\x04\x22\x4d\x18", "application/x-lz4"),
	M(0, "\x28\xb5\x2f\xfd", "application/zstd"),
	M(0, "\x1f\x9d", "application/x-compress"),
	M(0, "MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
	M(0, "xar!", "application/x-xar"),
	M(0, "\xed\xab\xee\xdb", "application/x-rpm"),
	M(0, "!<arch>\ndebian", "application/x-debian-package"),
	M(0, "!<arch>", "application/x-archive"),
	M(0, "\x60\xea", "application/x-arj"),
	M(7, "**ACE**", "application/x-ace"),
	M(257, "ustar", "application/x-tar"),
	M(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
	M(4, "Standard Jet DB\0", "application/x-msaccess"),
	M(4, "Standard ACE DB\0", "application/x-msaccess"),
	M(0, "{\\rtf", "text/rtf"),
	M(0, "L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", "application/x-ms-shortcut"),
	M(0, "\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
	M(0, "\xce\xfa\xed\xfe", "application/x-mach-o-executable"),
	M(0, "\xcf\xfa\xed\xfe", "application/x-mach-o-executable"),
	M(0, "\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
	M(0, "\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
	M(0, "\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),
	M(0, "FWS", "application/x-shockwave-flash"),
	M(0, "CWS", "application/x-shockwave-flash"),
	M(0, "ZWS", "application/x-shockwave-flash"),
	M(0, "-----BEGIN CERTIFICATE-----", "application/x-pem"),
	M(0, "MM\0*", "image/tiff"),
	M(0, "II*\0", "image/tiff"),
	M(0, "8BPS", "image/vnd.adobe.photoshop"),
	M(0, "\0\0\1\0", "image/x-icon"),
	M(0, "\0\0\2\0", "image/x-cursor"),
	M(0, "wOF2", "application/font-woff2"),
	M(0, "wOFF", "application/font-woff"),
	M(0, "\0\1\0\0\0", "application/x-font-ttf"),
	M(0, "OTTO", "application/vnd.ms-opentype"),
	M(0, "OggS", "application/ogg"),
	M(0, "fLaC", "audio/x-flac"),
	M(0, "ID3", "audio/mpeg"),
	M(0, "FLV", "video/x-flv"),
	M(0, "\x1a\x45\xdf\xa3", "video/webm"),
	M(4, "ftypisom", "video/mp4"),
	M(4, "ftypmp4", "video/mp4"),
	M(4, "ftyp3g", "video/3gpp"),
	M(4, "mdat", "video/quicktime"),
	M(4, "moov", "video/quicktime"),
	M(0, "\0\0\1\xba", "video/mp2p"),
	M(0, "\0\0\1\xb3", "video/mpv"),
};

/* What a text may begin with, after spaces; in lower case. */
static const struct magic words[] = {
	M(0, "<!doctype html", "text/html"),
	M(0, "<html", "text/html"),
	M(0, "<head", "text/html"),
	M(0, "<title", "text/html"),
	M(0, "<body", "text/html"),
	M(0, "<meta http-equiv", "text/html"),
	M(0, "<!doctype cross-domain-policy", "text/x-cross-domain-policy"),
	M(0, "<cross-domain-policy", "text/x-cross-domain-policy"),
	M(0, "<rss", "text/rss"),
	M(0, "diff ", "text/x-diff"),
	M(0, "<soap-env:envelope", "application/soap+xml"),
	M(0, "<soap:envelope", "application/soap+xml"),
	M(0, "<methodresponse>", "application/xml-rpc"),
};

static const struct magic scripts[] = {
	M(0, "document.write", "application/javascript"),
	M(0, "for (;;);", "application/javascript"),
	M(0, "<script>var ", "application/javascript"),
	M(0, "<script>function ", "application/javascript"),
};

static const struct magic interpreters[] = {
	M(0, "sh", "text/x-shellscript"),
	M(0, "bash", "text/x-shellscript"),
	M(0, "dash", "text/x-shellscript"),
	M(0, "zsh", "text/x-shellscript"),
	M(0, "ksh", "text/x-shellscript"),
	M(0, "csh", "text/x-shellscript"),
	M(0, "tcsh", "text/x-shellscript"),
	M(0, "ash", "text/x-shellscript"),
	M(0, "perl", "text/x-perl"),
	M(0, "python", "text/x-python"),
	M(0, "ruby", "text/x-ruby"),
	M(0, "php", "text/x-php"),
	M(0, "node", "application/javascript"),
	M(0, "awk", "text/x-awk"),
	M(0, "gawk", "text/x-awk"),
	M(0, "lua", "text/x-lua"),
	M(0, "tclsh", "text/x-tcl"),
	M(0, "wish", "text/x-tcl"),
};
#undef M
// clang-format on

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* n bytes at that place; NULL: not there. */
static const uint8_t *at(struct bytes b, size_t place, size_t n)
{
	bytes_skip(&b, place);
	return bytes_take(&b, n);
}

static bool has(struct bytes b, size_t place, const char *word)
{
	size_t n = strlen(word);
	const uint8_t *p = at(b, place, n);
	return p != NULL && memcmp(p, word, n) == 0;
}

static bool holds(struct bytes b, const char *word)
{
	return b.pos != NULL && memmem(b.pos, b.left, word, strlen(word)) != NULL;
}

/* ---- programs and containers ---- */

static const char *elf(struct bytes b)
{
	static const char *const types[] = {NULL, "application/x-object",
	    "application/x-executable", "application/x-sharedlib",
	    "application/x-coredump"};
	const uint8_t *p = at(b, 0, 18);
	if (p == NULL || !has(b, 0,
			     "\x7f"
			     "ELF"))
		return NULL;
	unsigned type = p[5] == 2 ? load_be16(p + 16) : load_le16(p + 16);
	return type < COUNT(types) ? types[type] : NULL;
}

/* Java's classes and the fat binaries of macOS begin alike: what follows is the version
 * of the one, from 45 on, and the number of programs in the other. */
static const char *cafe_babe(struct bytes b)
{
	const uint8_t *p = at(b, 0, 8);
	if (p == NULL || !has(b, 0, "\xca\xfe\xba\xbe"))
		return NULL;
	return p[7] >= 45   ? "application/x-java-applet"
	       : p[7] <= 20 ? "application/x-mach-o-executable"
			    : NULL;
}

/* The path of the first file in the archive stands after 30 bytes. */
static const char *zip(struct bytes b)
{
	static const char office[] = "application/vnd.openxmlformats-officedocument";
	if (!has(b, 0, "PK\3\4"))
		return NULL;
	if (has(b, 30, "META-INF/") || holds(b, "META-INF/MANIFEST.MF"))
		return "application/java-archive";
	if (has(b, 30, "mimetypeapplication/vnd.oasis.opendocument.text"))
		return "application/vnd.oasis.opendocument.text";
	if (has(b, 30, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"))
		return "application/vnd.oasis.opendocument.spreadsheet";
	if (has(b, 30, "mimetypeapplication/vnd.oasis.opendocument.presentation"))
		return "application/vnd.oasis.opendocument.presentation";
	bool first = has(b, 30, "[Content_Types].xml") || has(b, 30, "_rels/.rels") ||
		     has(b, 30, "word/") || has(b, 30, "xl/") || has(b, 30, "ppt/");
	if (first && holds(b, "word/"))
		return "application/"
		       "vnd.openxmlformats-officedocument.wordprocessingml.document";
	if (first && holds(b, "ppt/"))
		return "application/"
		       "vnd.openxmlformats-officedocument.presentationml.presentation";
	if (first && holds(b, "xl/"))
		return "application/"
		       "vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	return has(b, 4, "\x14") && has(b, 6, "\6") ? office : "application/zip";
}

/* RFC 6960: the identifiers of a digest and of a basic response, a few lengths in. */
static const char *ocsp(struct bytes b)
{
	if (!has(b, 0, "0"))
		return NULL;
	for (size_t i = 11; i <= 19; i++) {
		if (has(b, i, "\6\x05\x2b\x0e\3\2\x1a"))
			return "application/ocsp-request";
		if (has(b, i, "\6\x09\x2b\6\1\5\5\7\x30\1\1"))
			return "application/ocsp-response";
	}
	return NULL;
}

static const char *riff(struct bytes b)
{
	if (!has(b, 0, "RIFF"))
		return NULL;
	return has(b, 8, "WEBP")   ? "image/webp"
	       : has(b, 8, "WAVE") ? "audio/x-wav"
	       : has(b, 8, "AVI ") ? "video/x-msvideo"
				   : NULL;
}

static const char *container(struct bytes b)
{
	static const char *(*const looks[])(struct bytes) = {
	    elf, cafe_babe, zip, ocsp, riff};
	for (size_t i = 0; i < COUNT(looks); i++) {
		const char *type = looks[i](b);
		if (type != NULL)
			return type;
	}
	if (has(b, 0, "MZ"))
		return "application/x-dosexec";
	const uint8_t *p = has(b, 0, "BM") ? at(b, 14, 2) : NULL;
	if (p != NULL && p[1] == 0 && p[0] != 0 &&
	    memchr("\x0c\x28\x40\x6c\x7c\x80", p[0], 6))
		return "image/x-ms-bmp";
	return NULL;
}

/* ---- text ---- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blank(struct bytes *b)
{
	while (b->left > 0 && is_blank(b->pos[0]))
		bytes_skip(b, 1);
}

/* Blanks and comments, as they may stand before the first element. */
static void skip_comments(struct bytes *b)
{
	skip_blank(b);
	while (has(*b, 0, "<!--")) {
		const uint8_t *end = memmem(b->pos, b->left, "-->", 3);
		if (end == NULL)
			return;
		bytes_skip(b, (size_t)(end - b->pos) + 3);
		skip_blank(b);
	}
}

static const char *find_word(struct bytes b, const struct magic *v, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* Two bytes tell nearly all of them, whatever the case of letters. */
		if (b.left >= v[i].n && ((b.pos[0] ^ v[i].bytes[0]) & ~0x20) == 0 &&
		    ((b.pos[1] ^ v[i].bytes[1]) & ~0x20) == 0 &&
		    strncasecmp((const char *)b.pos, v[i].bytes, v[i].n) == 0)
			return v[i].type;
	}
	return NULL;
}

static const char *markup(struct bytes b)
{
	skip_comments(&b);
	bool xml = has(b, 0, "<?xml ");
	if (xml) {
		const uint8_t *end = memmem(b.pos, b.left, "?>", 2);
		if (end == NULL)
			return "application/xml";
		bytes_skip(&b, (size_t)(end - b.pos) + 2);
		skip_comments(&b);
	}
	if (b.left > 5 && strncasecmp((const char *)b.pos, "<feed", 5) == 0 &&
	    holds(b, "http://www.w3.org/2005/Atom"))
		return "text/atom";
	const char *type = find_word(b, words, COUNT(words));
	return type != NULL || !xml ? type : "application/xml";
}

/* A member's name: in quotes, or bare as JavaScript takes it. */
static bool skip_name(struct bytes *b)
{
	uint8_t c = bytes_u8(b); /* 0 at the end */
	if (c != '"')
		return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	const uint8_t *end = b->pos != NULL ? memchr(b->pos, '"', b->left) : NULL;
	return end != NULL && end > b->pos && bytes_skip(b, (size_t)(end - b->pos) + 1);
}

static bool begins_value(struct bytes b)
{
	if (b.left == 0)
		return false;
	uint8_t c = b.pos[0];
	return c == '"' || c == '[' || c == '{' || (c >= '0' && c <= '9') ||
	       has(b, 0, "true") || has(b, 0, "false");
}

static bool is_object(struct bytes b)
{
	skip_blank(&b);
	if (has(b, 0, "}"))
		return true;
	bool quoted = has(b, 0, "\"");
	if (!skip_name(&b))
		return false;
	while (!quoted && b.left > 0 && b.pos[0] != ':' && !is_blank(b.pos[0]))
		bytes_skip(&b, 1);
	skip_blank(&b);
	if (bytes_u8(&b) != ':')
		return false;
	skip_blank(&b);
	return begins_value(b);
}

/* Lists of objects, of lists, or of values with a comma after the first. */
static bool is_list(struct bytes b)
{
	skip_blank(&b);
	if (has(b, 0, "{") || has(b, 0, "[") || has(b, 0, "]"))
		return true;
	if (!begins_value(b))
		return false;
	if (has(b, 0, "\"")) {
		if (!skip_name(&b))
			return false;
		skip_blank(&b);
	} else {
		while (b.left > 0 && b.pos[0] != ',' && b.pos[0] > ' ')
			bytes_skip(&b, 1);
	}
	skip_blank(&b);
	return has(b, 0, ",");
}

static bool is_json(struct bytes b)
{
	skip_blank(&b);
	if (has(b, 0, "{"))
		return bytes_skip(&b, 1) && is_object(b);
	return has(b, 0, "[") && bytes_skip(&b, 1) && is_list(b);
}

/* "#!/usr/bin/env python": the word after the last '/' of the line, or after env. */
static const char *interpreter(struct bytes b)
{
	if (!has(b, 0, "#!"))
		return NULL;
	const uint8_t *end = memchr(b.pos, '\n', b.left);
	struct bytes line =
	    bytes_over(b.pos, end != NULL ? (size_t)(end - b.pos) : b.left);
	const uint8_t *bin = memmem(line.pos, line.left, "bin/", 4);
	if (bin == NULL)
		return NULL;
	bytes_skip(&line, (size_t)(bin - line.pos) + 4);
	if (has(line, 0, "env ")) {
		bytes_skip(&line, 4);
		skip_blank(&line);
	}
	return find_word(line, interpreters, COUNT(interpreters));
}

static const char *script(struct bytes b)
{
	const char *type = interpreter(b);
	if (type != NULL)
		return type;
	skip_blank(&b);
	type = find_word(b, scripts, COUNT(scripts));
	if (type != NULL)
		return type;
	if (b.left > 8 && strncasecmp((const char *)b.pos, "<script ", 8) == 0) {
		struct bytes tag = bytes_over(b.pos, b.left < 64 ? b.left : 64);
		return holds(tag, "avascript") || holds(tag, "avaScript")
			   ? "application/javascript"
			   : NULL;
	}
	if (has(b, 0, "<?php"))
		return "text/x-php";
	bool batch = b.left > 9 && strncasecmp((const char *)b.pos, "@echo off", 9) == 0;
	return batch ? "text/x-msdos-batch" : NULL;
}

static bool is_plain(struct bytes b)
{
	if (b.left < TEXT_LEAST)
		return false;
	for (size_t i = 0; i < TEXT_LEAST; i++) {
		uint8_t c = b.pos[i];
		if (!(c >= 0x20 && c <= 0x7e) && !(c >= '\t' && c <= '\r'))
			return false;
	}
	return true;
}

const char *file_type(struct bytes head)
{
	for (size_t i = 0; i < COUNT(magics); i++) {
		const struct magic *m = &magics[i];
		if (head.left >= m->at + m->n &&
		    head.pos[m->at] == (uint8_t)m->bytes[0] &&
		    memcmp(head.pos + m->at, m->bytes, m->n) == 0)
			return m->type;
	}
	const char *type = container(head);
	if (type != NULL)
		return type;
	if (has(head, 0, "\xef\xbb\xbf"))
		bytes_skip(&head, 3);
	type = script(head);
	if (type == NULL)
		type = markup(head);
	if (type == NULL && is_json(head))
		type = "text/json";
	if (type == NULL && is_plain(head))
		type = "text/plain";
	return type;
}
