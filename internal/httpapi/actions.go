package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// action is one of several commands that a PATCH runs: which one is said by the word in its body.
type action struct {
	word       string
	command    reflect.Type
	pathNames  []string
	parameters func() []*huma.Param
	run        func(context.Context, *server, request) (*receiptOutput, error)
}

// form is the body of an action: the word, and the fields of its command.
type form[C any] struct {
	Action string `json:"action"`
	Fields C      `json:",inline"`
}

// act makes an action of a command, for a path.
func act[C any](path, word string, run runner[C]) action {
	route := newCommandRoute(path, run)
	return action{
		word: word, command: reflect.TypeFor[C](), pathNames: route.names(), parameters: route.parameters,
		run: func(ctx context.Context, s *server, in request) (*receiptOutput, error) {
			return route.perform(ctx, s, in, func(body []byte) (C, []Field, error) {
				f, fields, err := decodeAll[form[C]](body)
				return f.Fields, fields, err
			})
		},
	}
}

// actions adds a PATCH route whose body names one of several commands.
func (s *server) actions(o operation, actions ...action) {
	o.method, o.actions, o.parameters = http.MethodPatch, actions, actions[0].parameters()
	words := make([]string, 0, len(actions))
	for _, a := range actions {
		words = append(words, a.word)
	}
	slices.Sort(words)
	register(s, o, func(ctx context.Context, in *bodyCommandInput) (*receiptOutput, error) {
		word, err := decode[actionWord](in.RawBody)
		if err != nil {
			return nil, err
		}
		for _, a := range actions {
			if word.Action == a.word {
				taken, err := newRequest(&in.CommandInput, in.RawBody)
				if err != nil {
					return nil, err
				}
				return a.run(ctx, s, taken)
			}
		}
		return nil, wrongField("/action", "must be one of "+strings.Join(words, ", "))
	})
}

// actionWord is what all forms have in common.
type actionWord struct {
	Action any            `json:"action"`
	Rest   map[string]any `json:",inline"` // the action's own form decides what may be here
}
