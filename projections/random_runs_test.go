package projections_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// nobody is beyond the last read model.
const nobody = 1000

// part is a part of a random run: events arrive, somebody asks for a rebuild, and something goes wrong.
type part struct {
	events     int // that arrive at once, 1 to 500
	rebuild    int // which read model; nobody: none
	careful    bool
	rollback   int // like rebuild
	blow       blow
	statements int
	pause      time.Duration // before the next part, in virtual time
}

func drawPart(r *rapid.T, kind database.Kind) part {
	p := part{
		events: 1 + below(500).Draw(r, "events"), rebuild: below(9).Draw(r, "rebuild"), careful: rapid.Bool().Draw(r, "careful"),
		rollback: below(12).Draw(r, "rollback"), blow: blow(below(int(blows)).Draw(r, "blow")),
		statements: below(150).Draw(r, "statements"), pause: time.Duration(below(900).Draw(r, "pause")) * time.Millisecond,
	}
	if p.events > 20 && below(2).Draw(r, "few") == 0 {
		p.events %= 20
	}
	if p.blow == hangUpOnClient && kind != database.PostgreSQL {
		p.blow = failStatement
	}
	return p
}

// evidence is what random runs have met with.
type evidence struct {
	runs, swapped, resumed, ahead, rolledBack int
	dealt                                     map[blow]int
}

// sizes are how much builds write at once.
type sizes struct{ finished, rows int }

// TestRandomRunsEndWithTheSameRows runs the read models over a random log that arrives in random pieces, while rebuilds are asked for at
// random points, statements fail, sessions are hung up on, and the program is killed and begins again. Every run ends with the rows of
// one fold of the log in one batch, in every generation that is kept.
func TestRandomRunsEndWithTheSameRows(t *testing.T) {
	t.Parallel()
	whole := openDB(t)
	seen := evidence{dealt: map[blow]int{}}
	least := 1
	if os.Getenv("BOOKING_SOAK") == "1" {
		least = 1000
	}
	for seen.runs < least {
		rapid.Check(t, func(r *rapid.T) {
			if least == 1 && seen.runs >= 30 {
				return // the short form
			}
			h := randomHistory(t, r, 150)
			var parts []part
			for range 2 + below(6).Draw(r, "parts") {
				parts = append(parts, drawPart(r, kind()))
			}
			atOnce := sizes{finished: 1 + below(4).Draw(r, "finished"), rows: 5 + below(60).Draw(r, "rows")}
			wipe(t, whole)
			project(t, models(whole), h.events)
			want := contentHash(t, whole)
			var err error
			synctest.Test(t, func(t *testing.T) {
				err = (&randomRun{t: t, events: h.events, atOnce: atOnce, seen: &seen}).play(parts, want)
			})
			if err != nil {
				r.Fatal(err)
			}
			seen.runs++
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%+v", seen)
	if seen.runs < 100 {
		// So few prove that there were swaps and faults; which ones is a matter of luck.
		if seen.swapped == 0 || len(seen.dealt) == 0 {
			t.Errorf("the runs prove too little: %+v", seen)
		}
		return
	}
	if seen.swapped == 0 || seen.resumed == 0 || seen.ahead == 0 || seen.rolledBack == 0 || seen.dealt[failStatement] == 0 || seen.dealt[killProgram] == 0 ||
		(kind() == database.PostgreSQL && seen.dealt[hangUpOnClient] == 0) {
		t.Errorf("the runs prove too little: %+v", seen)
	}
}

// randomRun is one run, in a bubble.
type randomRun struct {
	t      *testing.T
	events []eventstore.Recorded
	atOnce sizes // zero: as many as programs do
	seen   *evidence

	db       *database.DB
	log      *logSource
	operator *projections.Models // whom nothing hits
	strike   *strike
	ended    chan error // how the program ended
	stop     context.CancelFunc
}

func (x *randomRun) play(parts []part, want string) error {
	x.db, x.log = openDB(x.t), newLog()
	x.operator = models(x.db)
	x.start()
	rest := x.events
	for _, p := range parts {
		n := min(p.events, len(rest))
		x.log.add(rest[:n]...)
		rest = rest[n:]
		if err := x.part(p); err != nil {
			return errors.Join(err, x.end())
		}
	}
	x.strike.arm(noBlow, 0)
	if x.strike.isDead() {
		if err := x.again(); err != nil {
			return err
		}
	}
	x.log.add(rest...)
	err := errors.Join(x.settle(), x.end())
	if err != nil {
		return err
	}
	return x.compare(want)
}

// part plays one part.
func (x *randomRun) part(p part) error {
	x.strike.arm(p.blow, p.statements)
	all := x.operator.All()
	if p.rebuild < len(all) {
		var r projections.Rebuild
		if p.careful {
			r.Budget = time.Millisecond
		}
		err := insist(func() error {
			_, err := all[p.rebuild].Rebuild(x.t.Context(), r)
			return err
		})
		if err != nil && !isRefusal(err, domain.Conflict, domain.CodeConflict) {
			return fmt.Errorf("ask for a rebuild: %w", err)
		}
	}
	if p.rollback < len(all) {
		if err := x.rollback(all[p.rollback]); err != nil {
			return err
		}
	}
	select {
	case <-x.strike.died:
		return x.again()
	case <-time.After(p.pause):
	}
	return nil
}

func (x *randomRun) rollback(p *projections.Projection) error {
	err := insist(func() error {
		_, err := p.Rollback(x.t.Context())
		return err
	})
	if isRefusal(err, domain.Conflict, domain.CodeConflict) {
		return nil
	}
	if err == nil {
		x.seen.rolledBack++
	}
	return err
}

// start starts the program that runs the read models.
func (x *randomRun) start() {
	var db *database.DB
	db, x.strike = struckDB(x.db, x.seen.dealt)
	ctx, stop := context.WithCancel(x.t.Context())
	x.stop, x.ended = stop, make(chan error, 1)
	m := models(db)
	if x.atOnce != (sizes{}) {
		for _, p := range m.All() {
			p.BuildAtOnce(x.atOnce.finished, x.atOnce.rows, time.Minute)
		}
	}
	go func() { x.ended <- m.Run(ctx, projections.Running{Source: x.log, Owner: "x", Exclusive: true}) }()
}

func (x *randomRun) end() error {
	x.stop()
	return <-x.ended
}

// again starts the program after it was killed.
func (x *randomRun) again() error {
	if err := x.end(); err != nil {
		return err
	}
	for _, p := range x.operator.All() {
		s, err := x.status(p)
		if err != nil {
			return err
		}
		if s.Rebuild != nil && s.Rebuild.Position > 0 {
			x.seen.resumed++ // what is written already
		}
	}
	n, err := x.db.Read.NewSelect().TableExpr("generations").Where("state = 'building'").Where("ahead > 0").Count(x.t.Context())
	if err != nil {
		return err
	}
	x.seen.ahead += int(n)
	x.start()
	return nil
}

func (x *randomRun) status(p *projections.Projection) (s projections.Status, err error) {
	err = insist(func() error {
		s, err = p.Status(x.t.Context(), func(context.Context, eventstore.Position) (time.Duration, error) { return 0, nil })
		return err
	})
	return s, err
}

// insist is an operator who was hung up on and tries again.
func insist(fn func() error) (err error) {
	for range 10 {
		if err = fn(); !errors.Is(err, database.ErrUnavailable) {
			return err
		}
	}
	return err
}

// settle waits until all that has arrived is folded, and all that was asked for is built.
func (x *randomRun) settle() error {
	last := x.events[len(x.events)-1].Position
	for range 600 { // a minute of virtual time
		quiet := true
		for _, p := range x.operator.All() {
			s, err := x.status(p)
			if err != nil {
				return err
			}
			if s.Halt != nil {
				return fmt.Errorf("%s has halted: %+v", p.Name(), s.Halt)
			}
			quiet = quiet && s.Position == last && s.Rebuild == nil
		}
		if quiet {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("it does not come to rest")
}

// compare looks at the rows of the generation that is read, and of the one before.
func (x *randomRun) compare(want string) error {
	if have := contentHash(x.t, x.db); have != want {
		return fmt.Errorf("the rows differ:\n%s\nwant\n%s", have, want)
	}
	for _, p := range x.operator.All() {
		s, err := x.status(p)
		if err != nil {
			return err
		}
		if s.Previous == 0 {
			continue
		}
		x.seen.swapped++
		b, err := p.Build(x.t.Context(), max(s.Generation, s.Previous)) // there may have been a rollback
		if err != nil {
			return err
		}
		if !b.Verified {
			return fmt.Errorf("%s: a generation went live unverified: %+v", p.Name(), b)
		}
		if _, err := p.Rollback(x.t.Context()); err != nil {
			return fmt.Errorf("%s: %w", p.Name(), err)
		}
	}
	if have := contentHash(x.t, x.db); have != want {
		return fmt.Errorf("the rows of a generation before differ:\n%s\nwant\n%s", have, want)
	}
	return nil
}

// TestARebuildIsKilledAtEachStatement, or, in the short form, at some: what is written by then is as far as the build goes on
// from, or ahead of it.
func TestARebuildIsKilledAtEachStatement(t *testing.T) {
	t.Parallel()
	_, h := busy(t)
	events := h.events[:500]
	whole := openDB(t)
	project(t, models(whole), events)
	want, seen := contentHash(t, whole), evidence{dealt: map[blow]int{}}
	step := 12
	switch {
	case os.Getenv("BOOKING_SOAK") == "1":
		step = 1
	case kind() == database.PostgreSQL:
		step = 50 // to make a database takes a second
	}
	statements := 0
	for kills := 0; seen.dealt[killProgram] == kills; kills++ { // the one before was hit
		statements += step
		parts := []part{
			{events: len(events), rebuild: nobody, rollback: nobody, pause: time.Second},
			{rebuild: 0, rollback: nobody, blow: killProgram, statements: statements, pause: time.Second},
		}
		var err error
		synctest.Test(t, func(t *testing.T) {
			err = (&randomRun{t: t, events: events, atOnce: sizes{finished: 2, rows: 60}, seen: &seen}).play(parts, want)
		})
		if err != nil {
			t.Fatalf("killed at statement %d: %v", statements, err)
		}
	}
	t.Logf("%+v", seen)
	if kills := seen.dealt[killProgram]; kills == 0 || kills >= 10 && seen.resumed == 0 || kills >= 40 && seen.ahead == 0 {
		t.Errorf("the kills prove too little: %+v", seen)
	}
}

// TestARebuildCopiesStrangeTextsAsTheyAre: rows that are copied in are those that statements write.
func TestARebuildCopiesStrangeTextsAsTheyAre(t *testing.T) {
	t.Parallel()
	h := awkward(t)
	whole := openDB(t)
	project(t, models(whole), h.events)
	var parts []part
	for i := range models(whole).All() {
		parts = append(parts, part{events: len(h.events), rebuild: i, rollback: nobody, pause: 3 * time.Second})
	}
	want, seen := contentHash(t, whole), evidence{dealt: map[blow]int{}}
	synctest.Test(t, func(t *testing.T) {
		x := &randomRun{t: t, events: h.events, seen: &seen}
		if err := x.play(parts, want); err != nil {
			t.Error(err)
		}
	})
	if seen.swapped != len(parts) {
		t.Errorf("%d rebuilds", seen.swapped)
	}
}
