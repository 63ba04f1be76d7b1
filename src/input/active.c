/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a source: the file, the window over its bytes, the reader of its format. The
 * plan does this once to look at the head, the merge again when the source is due. What
 * can not be read twice (standard input, pipes) is opened by the plan and kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/list.h"

/* Open the file and note which one it is; negative with an issue. */
static int open_file(struct input *in, struct source *s)
{
	if (strcmp(s->path, "-") == 0)
		return STDIN_FILENO;
	int d = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	if (d < 0 || fstat(d, &st) != 0) {
		list_issue(in, INPUT_UNREADABLE, s->path, 0, strerror(errno));
		if (d >= 0)
			close(d);
		return -1;
	}
	s->again = S_ISREG(st.st_mode);
	if (s->again) {
		s->pub.size = (uint64_t)st.st_size;
		s->device = st.st_dev;
		s->inode = st.st_ino;
		posix_fadvise(d, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return d;
}

/* Say why a file that is no capture was not read: silence in folders. */
static void no_capture(
    struct input *in, const struct source *s, const struct stream *t, bool not_kept)
{
	struct bytes b = stream_view(t);
	const char *foreign = reader_foreign(b.pos, b.left);
	char text[FAULT_REASON_MAX];
	if (t->fault.set) {
		list_fault(in, s->path, &t->fault);
		return;
	}
	if (!s->named)
		return;
	if (b.left == 0) {
		list_issue(in, INPUT_TRUNCATED, s->path, 0, "it is empty");
		return;
	}
	if (not_kept) {
		list_issue(in, INPUT_UNSUPPORTED, s->path, 0,
		    "a log of a kind of which dwell keeps no table");
		return;
	}
	if (snprintf(text, sizeof(text),
		"not a capture (pcap or pcapng) nor a known log%s%s",
		foreign != NULL ? " but " : "", foreign != NULL ? foreign : "") < 0)
		text[0] = '\0';
	list_issue(in, INPUT_UNSUPPORTED, s->path, 0, text);
}

/* Set what a source that may be read is known by. */
static void note_source(
    struct source *s, const struct stream *t, const char *const *names)
{
	const struct codec *codec = t->codec;
	size_t held = stream_view(t).left;
	s->compressed = codec != NULL;
	s->pub.format = names[codec != NULL ? codec->index : 0];
	s->at_end = t->eof;
	s->pub.prefix = held > INPUT_PREFIX_BYTES ? t->prefix : stream_digest(t);
}

/* Whether it is a log; what is understood but not kept is passed over in folders. */
static bool start_log(struct input *in, struct source *s, const struct stream *t)
{
	struct bytes b = stream_view(t);
	struct log_head head = {b.pos, b.left, t->eof, s->path, in->csv};
	struct log_look look;
	const struct log_format *log = log_recognise(&head, &look);
	if (log == NULL)
		return false;
	if (look.not_kept) {
		in->not_kept++;
		return false;
	}
	s->log = log;
	s->lane = look.lane < LOG_LANES ? look.lane : LOG_LANES - 1;
	s->pub.first = look.first;
	s->pub.log = true;
	note_source(s, t, log->names);
	return true;
}

static bool start(struct input *in, struct source *s, struct active *a)
{
	stream_fill(a->stream, INPUT_PREFIX_BYTES + 1);
	struct bytes b = stream_view(a->stream);
	const struct format *format = reader_format(b.pos, b.left);
	if (format == NULL) {
		uint64_t not_kept = in->not_kept;
		if (start_log(in, s, a->stream))
			return true;
		if (in->not_kept == not_kept || s->named)
			no_capture(in, s, a->stream, in->not_kept > not_kept);
		return false;
	}
	note_source(s, a->stream, format->names);
	bool ok = reader_open(&a->reader, format, a->stream);
	if (!ok)
		list_fault(in, s->path, &a->reader.fault);
	a->reader.source = a->index;
	return ok;
}

struct active *active_open(struct input *in, uint32_t i)
{
	struct source *s = in->sources[i];
	struct active *a = s->kept;
	if (a != NULL) {
		s->kept = NULL;
		return a;
	}
	int d = open_file(in, s);
	if (d < 0)
		return NULL;
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		if (d != STDIN_FILENO)
			close(d);
	} else {
		a->index = i;
		a->stream = stream_open(d, d != STDIN_FILENO, in->secret);
	}
	if (a == NULL || a->stream == NULL)
		list_issue(in, INPUT_UNREADABLE, s->path, 0, strerror(ENOMEM));
	else if (start(in, s, a))
		return a;
	active_close(a);
	return NULL;
}

bool active_next(struct active *a)
{
	a->next = 0;
	a->n = reader_batch(&a->reader, a->batch, FRAME_BATCH_MAX);
	return a->n > 0;
}

void active_close(struct active *a)
{
	if (a == NULL)
		return;
	reader_close(&a->reader);
	stream_close(a->stream);
	free(a);
}
