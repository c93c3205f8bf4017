package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/telemetry"
	"github.com/royalglow/booking/publishers"
)

// demoFlags are what the demo can be told.
type demoFlags struct {
	rate     float64
	duration time.Duration
	json     bool
	data     string
	listen   string
	chaos    bool
	engine   Config // what of the engine's own configuration the demo takes
}

// demoCommand runs the whole product on this machine, with people in it.
func (p *program) demoCommand() *cli.Command {
	var f demoFlags
	return &cli.Command{
		Name: "demo", Usage: "run everything on this machine, with simulated customers, receptionists and staff",
		Flags: []cli.Flag{
			&cli.FloatFlag{Name: "rate", Value: 5, Destination: &f.rate, Usage: "commands a `SECOND`"},
			&cli.DurationFlag{Name: "duration", Destination: &f.duration, Usage: "how `LONG` to issue commands; none: until interrupted", HideDefault: true},
			&cli.BoolFlag{Name: "json", Destination: &f.json, Usage: "print the summary as one line of JSON, and nothing else on stdout"},
			&cli.StringFlag{Name: "data", Destination: &f.data, Usage: "`FOLDER` to keep; none: a temporary one, removed at the end"},
			&cli.BoolFlag{Name: "chaos", Destination: &f.chaos, Usage: "make the realtime endpoint fail 5 % of the publish requests and drop every socket once in 10 s"},
			f.engine.revocableFlag(p.Getenv),
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Destination: &f.listen, Usage: "loopback `HOST:PORT` of the API and the page; port 0: a free one"},
		},
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if err := f.validate(); err != nil {
				return err
			}
			return p.demo(ctx, f)
		},
	}
}

func (f demoFlags) validate() error {
	if !(f.rate > 0 && f.rate <= demo.MaxRate) {
		return usagef("-rate %v: give a number above 0, at most %d", f.rate, demo.MaxRate)
	}
	if f.duration < 0 {
		return usagef("-duration %v: give a positive time such as 20s", f.duration)
	}
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil || !isLoopback(host) {
		return usagef("-listen %q: the demo signs anybody in, so it listens on loopback only", f.listen)
	}
	return f.engine.validateSwitches()
}

func (p *program) demo(ctx context.Context, f demoFlags) (err error) {
	if f.data == "" {
		if f.data, err = os.MkdirTemp("", "booking-demo-"); err != nil {
			return fmt.Errorf("create data folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(f.data)) }()
	}
	// Warnings would tear the live view apart; what matters shows in the summary.
	log, err := p.logger("text", "error")
	if err != nil {
		return err
	}
	report, err := p.playDemo(ctx, f, log)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		// A signal ended the demo before it had begun: the books are empty, and the summary says so.
		report, err = new(check.Books).Report(0), nil
	}
	if err != nil {
		return err
	}
	if err := p.printReport(f, report); err != nil {
		return err
	}
	if failures := report.Failures(); len(failures) > 0 {
		return &foundError{what: failures}
	}
	return nil
}

// playDemo starts both local servers and the engine, lets the people in, and stops everything.
func (p *program) playDemo(ctx context.Context, f demoFlags, log *slog.Logger) (_ check.Report, err error) {
	tel, err := telemetry.Open(ctx, p.Getenv, p.Stderr)
	if err != nil {
		return check.Report{}, err
	}
	defer func() { err = errors.Join(err, closeTelemetry(ctx, tel)) }()
	ably, err := openAbly(ctx, ablylocal.Config{Revocable: f.engine.AblyRevocable, Logger: log})
	if err != nil {
		return check.Report{}, err
	}
	defer func() { err = errors.Join(err, ably.running.Stop()) }()
	if f.chaos {
		unleashChaos(ably.server)
	}
	cfg := Config{
		Listen: f.listen, DataDir: f.data, SessionSecret: rand.Text() + rand.Text(),
		AblyKey: ably.server.Key(), AblyEndpoint: ably.addr.String(), AblyRevocable: f.engine.AblyRevocable,
	}
	doors := &demoDoors{secret: []byte(cfg.SessionSecret)}
	e, err := openEngine(ctx, cfg, engineOptions{DemoSignIn: doors.signIn}, log, tel)
	if err != nil {
		return check.Report{}, err
	}
	defer func() { err = errors.Join(err, e.Close()) }() //nolint:contextcheck // what is closed must not stay open because a context has ended

	ready := make(chan struct{})
	running := goBackground(context.WithoutCancel(ctx), func(ctx context.Context) error {
		return e.Run(ctx, func() error { close(ready); return nil })
	})
	defer func() { err = errors.Join(err, running.Stop()) }()
	select {
	case <-ready:
	case <-running.Done():
		return check.Report{}, running.err
	}
	p.announceDemo(f, e)
	conf := demo.Config{
		API: e.URL(), Ably: demo.Ably{Host: ably.addr.IP.String(), Port: ably.addr.Port},
		SignIn: doors.token, Log: demoLog{e.store}, Messages: owedMessages,
		Acknowledged: func() int64 { return e.publisher.Status().Acknowledged },
		Rate:         f.rate, Duration: f.duration, Logger: log,
	}
	if !f.json {
		conf.View, conf.TTY = p.Stdout, isTerminal(p.Stdout)
	}
	if f.chaos {
		conf.Patience = chaosPatience
	}
	report, err := demo.Run(ctx, conf)
	if f.chaos {
		report = withChaos(report, ably.server)
	}
	if f.engine.AblyRevocable {
		report.Revoked = new(int(ably.server.Stats().Revoked))
	}
	return report, err
}

// announceDemo prints the address first; with -json stdout belongs to the summary.
func (p *program) announceDemo(f demoFlags, e *engine) {
	w := p.Stdout
	if f.json {
		w = p.Stderr
	}
	p.say(w, "booking %s\n", e.URL())
}

func (p *program) printReport(f demoFlags, report check.Report) error {
	if f.json {
		return json.NewEncoder(p.Stdout).Encode(report)
	}
	return writeSummary(p.Stdout, report)
}

// demoAbly is the local endpoint, running.
type demoAbly struct {
	server  *ablylocal.Server
	addr    *net.TCPAddr
	running *background
}

func openAbly(ctx context.Context, c ablylocal.Config) (*demoAbly, error) {
	server, err := ablylocal.New(c)
	if err != nil {
		return nil, err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(0)))
	if err != nil {
		return nil, fmt.Errorf("listen for the local Ably endpoint: %w", err)
	}
	running := goBackground(context.WithoutCancel(ctx), func(ctx context.Context) error { return server.Run(ctx, ln) })
	return &demoAbly{server: server, addr: ln.Addr().(*net.TCPAddr), running: running}, nil
}

// owedMessages is the publisher's own fan-out: what must arrive for an event.
func owedMessages(rec eventstore.Recorded) []check.Message {
	var owed []check.Message
	for _, m := range publishers.Messages(rec, publishers.Directory{}) {
		owed = append(owed, check.Message{Channel: m.Channel, Part: m.Envelope.Part})
	}
	return owed
}

// isTerminal reports whether w is a screen that can be redrawn.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	return isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}
