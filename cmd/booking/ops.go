package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v3"
)

// opsFlags say which running engine an operator means: that on a data folder of this machine, or one at a URL.
type opsFlags struct {
	data string
	url  string
	json bool
}

func (f *opsFlags) flags(p *program) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "data", Value: p.orEnv("DATA_DIR", "booking-data"), Destination: &f.data, Usage: "`FOLDER` of the running engine [DATA_DIR]", HideDefault: true},
		&cli.StringFlag{Name: "url", Destination: &f.url, Usage: "`URL` of an engine elsewhere; needs BOOKING_TOKEN, of a developer or owner"},
		&cli.BoolFlag{Name: "json", Destination: &f.json, Usage: "print the answer as one line of JSON"},
	}
}

// opsClient speaks to the operators' routes of a running engine.
type opsClient struct {
	api   string
	token string
}

// client finds the engine.
func (p *program) opsClient(f opsFlags) (*opsClient, error) {
	if f.url != "" {
		u, err := url.Parse(f.url)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return nil, usagef("-url is none of an engine: give one such as https://bookings.example") // it may hold a password
		}
		token := p.Getenv("BOOKING_TOKEN")
		if token == "" {
			return nil, usagef("-url needs BOOKING_TOKEN: the token of a developer or owner")
		}
		return &opsClient{api: strings.TrimSuffix(f.url, "/"), token: token}, nil
	}
	file, stale, err := readEngineFile(f.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no engine is running on %s: start one, or say which with -data or -url", f.data)
	case err != nil:
		return nil, err
	case stale:
		return nil, fmt.Errorf("the engine on %s (pid %d) has gone without stopping in order: start it again", f.data, file.PID)
	}
	return &opsClient{api: file.API, token: file.OpsToken}, nil
}

// maxOpsAnswer is the most that is read of an answer, in bytes.
const maxOpsAnswer = 16 << 20

// do makes a request, with a body in JSON unless that is nil, and decodes the answer of a success. A problem becomes an error in its own words.
func (c *opsClient) do(ctx context.Context, method, path string, wish, answer any) (err error) {
	var body io.Reader
	if wish != nil {
		text, err := json.Marshal(wish)
		if err != nil {
			return fmt.Errorf("ask the engine: %w", err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.api+path, body)
	if err != nil {
		return fmt.Errorf("ask the engine: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask the engine: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxOpsAnswer))
	if err != nil {
		return fmt.Errorf("read the engine's answer: %w", err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return problemError(resp.Status, said)
	}
	if err := json.NewDecoder(bytes.NewReader(said)).Decode(answer); err != nil {
		return fmt.Errorf("read the engine's answer: %w", err)
	}
	return nil
}

// refusedError is what the engine said instead of doing it.
type refusedError struct{ code, detail string }

func (e *refusedError) Error() string { return "the engine refused: " + e.detail + " (" + e.code + ")" }

func problemError(status string, body []byte) error {
	var problem struct {
		Code, Detail string
		Fields       []struct{ Pointer, Parameter, Message string }
	}
	if json.Unmarshal(body, &problem) != nil || problem.Code == "" {
		return fmt.Errorf("the engine answered %s: is that its address?", status)
	}
	var wrong []string // in the body, of which the detail says no more than that it is wrong
	for _, f := range problem.Fields {
		switch name := strings.TrimPrefix(f.Pointer, "/"); {
		case f.Parameter != "":
		case name == "":
			wrong = append(wrong, f.Message)
		default:
			wrong = append(wrong, name+" "+f.Message)
		}
	}
	if len(wrong) > 0 {
		problem.Detail = strings.Join(wrong, "; ")
	}
	return &refusedError{code: problem.Code, detail: problem.Detail}
}

// answer prints what an operator asked for: as one line of JSON, or in words.
func (p *program) answer(f opsFlags, v any, words string) error {
	if f.json {
		return json.NewEncoder(p.Stdout).Encode(v)
	}
	_, err := io.WriteString(p.Stdout, words)
	return err
}

// oneArg returns the only argument of a command.
func oneArg(cmd *cli.Command, what string) (string, error) {
	if cmd.Args().Len() != 1 {
		return "", usagef("give %s: try %q", what, cmd.FullName()+" --help")
	}
	return cmd.Args().First(), nil
}
