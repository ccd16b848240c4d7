// Shows what libvterm makes of terminal output: a judge for the tests of our own emulator.
//
//   libvterm < CASES            for each line `COLUMNS ROWS HEX`: `ROW COLUMN` of the cursor, the rows, and a line `--`
//   libvterm --time FILE        MB/s of feeding FILE, 120 by 40, for a second or so
//   libvterm --memory FILE      bytes in memory of a terminal of 240 by 67 that was fed FILE, the mean of 64
//
// Built by those who use it: cc -O2 libvterm.c -lvterm

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { LINE_MAX_BYTES = 1 << 20 };

static void put_utf8(uint32_t c) {
  if (c < 0x80) {
    putchar((int)c);
  } else if (c < 0x800) {
    putchar((int)(0xc0 | c >> 6));
    putchar((int)(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    putchar((int)(0xe0 | c >> 12));
    putchar((int)(0x80 | (c >> 6 & 0x3f)));
    putchar((int)(0x80 | (c & 0x3f)));
  } else {
    putchar((int)(0xf0 | c >> 18));
    putchar((int)(0x80 | (c >> 12 & 0x3f)));
    putchar((int)(0x80 | (c >> 6 & 0x3f)));
    putchar((int)(0x80 | (c & 0x3f)));
  }
}

static VTerm *make(int columns, int rows) {
  VTerm *terminal = vterm_new(rows, columns);
  vterm_set_utf8(terminal, 1);
  VTermScreen *screen = vterm_obtain_screen(terminal);
  vterm_screen_enable_altscreen(screen, 1);
  vterm_screen_reset(screen, 1);
  return terminal;
}

static void show(VTerm *terminal, int columns, int rows) {
  VTermScreen *screen = vterm_obtain_screen(terminal);
  VTermPos cursor;
  vterm_state_get_cursorpos(vterm_obtain_state(terminal), &cursor);
  printf("%d %d\n", cursor.row, cursor.col);
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      VTermScreenCell cell;
      VTermPos place = {.row = row, .col = column};
      vterm_screen_get_cell(screen, place, &cell);
      if (cell.chars[0] == (uint32_t)-1) continue;
      if (cell.chars[0] == 0) putchar(' ');
      for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) put_utf8(cell.chars[i]);
    }
    putchar('\n');
  }
  puts("--");
}

static size_t from_hex(const char *hex, char *bytes) {
  size_t count = 0;
  unsigned byte;
  while (sscanf(hex + 2 * count, "%2x", &byte) == 1) bytes[count++] = (char)byte;
  return count;
}

static int run_cases(void) {
  char *line = malloc(LINE_MAX_BYTES), *bytes = malloc(LINE_MAX_BYTES);
  if (!line || !bytes) return 1;
  while (fgets(line, LINE_MAX_BYTES, stdin)) {
    int columns, rows, hex;
    if (sscanf(line, "%d %d %n", &columns, &rows, &hex) < 2) return 2;
    size_t count = from_hex(line + hex, bytes);
    fflush(stdout);
    // In a child, since some input makes libvterm 0.1.4 write outside its memory.
    pid_t child = fork();
    if (child < 0) return 3;
    if (child == 0) {
      VTerm *terminal = make(columns, rows);
      vterm_input_write(terminal, bytes, count);
      show(terminal, columns, rows);
      fflush(stdout);
      _exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) < 0) return 3;
    if (!WIFEXITED(status)) puts("0 0\ncrashed\n--");
  }
  free(line);
  free(bytes);
  return 0;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int time_file(const char *path) {
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(LINE_MAX_BYTES);
  if (!file || !bytes) return 1;
  size_t count = fread(bytes, 1, LINE_MAX_BYTES, file), fed = 0;
  VTerm *terminal = make(120, 40);
  double start = now(), end = start;
  while (end - start < 1) {
    for (size_t at = 0; at < count; at += 4096) {
      vterm_input_write(terminal, bytes + at, count - at < 4096 ? count - at : 4096);
    }
    fed += count;
    end = now();
  }
  printf("%.1f\n", (double)fed / 1e6 / (end - start));
  return 0;
}

static long resident(void) {
  long size, pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file && fscanf(file, "%ld %ld", &size, &pages) != 2) pages = 0;
  if (file) fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

static int weigh(const char *path) {
  enum { CROWD = 64 };
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(LINE_MAX_BYTES);
  if (!file || !bytes) return 1;
  size_t count = fread(bytes, 1, LINE_MAX_BYTES, file);
  long before = resident();
  for (int i = 0; i < CROWD; i++) vterm_input_write(make(240, 67), bytes, count);
  printf("%ld\n", (resident() - before) / CROWD);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "--time")) return time_file(argv[2]);
  if (argc == 3 && !strcmp(argv[1], "--memory")) return weigh(argv[2]);
  return run_cases();
}
