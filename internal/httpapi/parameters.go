package httpapi

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// parameters reads the parameters of a request one after the other and keeps what is wrong with each, so that one answer names
// them all.
type parameters struct {
	// published asks for the position that the word published stands for.
	published func() (eventstore.Position, error)
	faults    []Field
	failed    error // none of the caller's
}

// parameters begins to read those of a request. What the operation does not know is wrong already.
func (s *server) parameters(ctx context.Context) *parameters {
	return &parameters{
		published: func() (eventstore.Position, error) { return s.published(ctx) },
		faults:    unknownParameters(ctx),
	}
}

// err refuses the request, or returns nil when every parameter was in order.
func (p *parameters) err() error {
	if len(p.faults) == 0 {
		return p.failed
	}
	return wrongRequest(p.faults)
}

// wrong notes a fault. Of several of one parameter the first is told.
func (p *parameters) wrong(name, message string) {
	if slices.ContainsFunc(p.faults, func(f Field) bool { return f.Parameter == name }) {
		return
	}
	p.faults = append(p.faults, Field{Parameter: name, Message: message})
}

// id reads an identifier; empty when there is none. It says nothing about whether something has that id.
func (p *parameters) id(name string, prefix domain.IDPrefix, text string) string {
	if text != "" && !domain.ValidID(prefix, text) {
		p.wrong(name, "is not an id of the form "+string(prefix)+"_…")
	}
	return text
}

// publishedWord asks for what the realtime messages are already based on.
const publishedWord = "published"

// position reads the log position that a read must have seen; zero when the caller asked for none.
func (p *parameters) position(text string) eventstore.Position {
	switch text {
	case "":
		return 0
	case publishedWord:
		at, err := p.published()
		p.failed = err
		return at
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != text {
		p.wrong("minPosition", "must be a position as a receipt gives it, or the word published")
	}
	return eventstore.Position(n)
}

// instant reads a time; zero when there is none.
func (p *parameters) instant(name, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.wrong(name, "must be an instant such as 2026-06-15T10:00:00Z")
	}
	return t
}

// date reads a calendar date; empty when there is none. The years are those of commands.
func (p *parameters) date(name, text string) string {
	if text != "" && (!domain.ValidDate(text) || text < "2000" || text >= "2100") {
		p.wrong(name, "must be a date such as 2026-06-15, of the years 2000 to 2099")
	}
	return text
}

// dates reads a range of dates of at most most days; to is from unless given.
func (p *parameters) dates(from, to string, most int) (string, string) {
	before := len(p.faults)
	if from == "" {
		p.wrong("from", "is required: a date such as 2026-06-15")
	}
	from, to = p.date("from", from), p.date("to", to)
	if to == "" {
		to = from
	}
	if len(p.faults) == before && (to < from || to > domain.AddDays(from, most-1)) {
		p.wrong("to", "must be from or at most "+strconv.Itoa(most-1)+" days later")
	}
	return from, to
}

// order reads the order of a list; true means the latest first.
func (p *parameters) order(text string) (latestFirst bool) {
	switch text {
	case "", "start":
		return false
	case "-start":
		return true
	}
	p.wrong("order", "must be start or -start")
	return false
}

// flag reads true or false; false when there is none.
func (p *parameters) flag(name, text string) bool {
	if text != "" && text != "true" && text != "false" {
		p.wrong(name, "must be true or false")
	}
	return text == "true"
}

// limit reads the size of a page, at most most; zero when none is given.
func (p *parameters) limit(text string, most int) int {
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most || strconv.Itoa(n) != text {
		p.wrong("limit", "must be a number from 1 to "+strconv.Itoa(most))
	}
	return n
}

// cursor reads the place at which a page begins; prefix is that of the ids of the list.
func (p *parameters) cursor(prefix domain.IDPrefix, text string) projections.Cursor {
	c := projections.Cursor(text)
	if !c.Marks(prefix) {
		p.wrong("cursor", "is not one that this list has given")
	}
	return c
}

// list reads what stands between commas; nil when there is nothing.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// words reads a list of words of a closed set.
func words[W ~string](p *parameters, name, text string, known []W) (chosen []W) {
	for _, word := range list(text) {
		if !slices.Contains(known, W(word)) {
			all := make([]string, len(known))
			for i, k := range known {
				all[i] = string(k)
			}
			p.wrong(name, "must be of "+strings.Join(all, ", "))
			return nil
		}
		chosen = append(chosen, W(word))
	}
	return chosen
}
