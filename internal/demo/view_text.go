package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// row shows counts side by side: at most 78 columns for what there is.
func row[T any](name string, items []T, count func(T) (label string, n int)) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-10s", name)
	for i, item := range items {
		if i > 0 {
			out.WriteByte(' ')
		}
		label, n := count(item)
		fmt.Fprintf(&out, "%s%s%s %-3s", dim, label, plain, short(n))
	}
	return out.String()
}

// short shows a number in at most four columns.
func short(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n)
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n/1_000_000) + "M"
}

// clock shows a duration as minutes and seconds.
func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

// millis shows milliseconds with a sensible number of digits.
func millis(ms float64) string {
	if ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// clip keeps a text within a number of columns.
func clip(text string, columns int) string {
	if runes := []rune(text); len(runes) > columns {
		return string(runes[:columns-1]) + "…"
	}
	return text
}
