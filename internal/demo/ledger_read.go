package demo

import (
	"context"
	"fmt"
	"slices"
)

// refresh shows what the API says now. What has been told since the read stays, and is read once more by itself: a message
// before it may be among those that were missed.
func (l *ledger[F]) refresh(ctx context.Context) error {
	now, absent, err := l.all(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range now {
		l.line(k)
	}
	for k, e := range l.lines {
		r, there := now[k]
		if !there {
			r.at = absent
		}
		l.put(e, r, there)
	}
	l.asOf = max(l.asOf, absent)
	return nil
}

// put enters what was read, unless a message has told more since.
func (l *ledger[F]) put(e *entry[F], r reading[F], there bool) {
	if e.told > r.at {
		e.unclear = e.told
		return
	}
	if r.at < max(e.read, l.asOf) {
		return
	}
	e.forget()
	e.face, e.shown, e.read = r.face, there, r.at
}

// clarify reads what messages left unclear.
func (l *ledger[F]) clarify(ctx context.Context) error {
	for _, k := range l.puzzles() {
		l.mu.Lock()
		lowest := l.lines[k].unclear
		l.mu.Unlock()
		now, there, err := l.one(ctx, k, lowest)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.put(l.lines[k], now, there)
		l.mu.Unlock()
	}
	return nil
}

// puzzles lists what is unclear.
func (l *ledger[F]) puzzles() (keys []key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.lines {
		if e.unclear > 0 {
			keys = append(keys, k)
		}
	}
	return keys
}

// sees returns what the page shows of an entity, if that is certain.
func (l *ledger[F]) sees(k key) (face F, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.lines[k]
	if e == nil || !e.shown || e.unclear > 0 {
		return face, false
	}
	return e.face, true
}

// each calls f with everything that is shown for certain.
func (l *ledger[F]) each(f func(k key, face F)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.lines {
		if e.shown && e.unclear == 0 {
			f(k, e.face)
		}
	}
}

// compare lists, in words, where the page does not show what the API says.
func (l *ledger[F]) compare(ctx context.Context) ([]string, error) {
	now, _, err := l.all(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var differences []string
	for k := range now {
		l.line(k)
	}
	for k, e := range l.lines {
		got, want := "nothing", "nothing"
		if e.shown {
			got = fmt.Sprintf("%+v", e.face)
		}
		if r, there := now[k]; there {
			want = fmt.Sprintf("%+v", r.face)
		}
		if got != want {
			differences = append(differences, fmt.Sprintf("%s on %s: shown is %s, the API says %s", k.entity, k.channel, got, want))
		}
	}
	slices.Sort(differences)
	return differences, nil
}
