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
	path       []pathField
	parameters func() []*huma.Param
	run        func(context.Context, *server, request) (*receiptOutput, error)
}

// act makes an action of a command, for a path.
func act[C any](path, word string, run runner[C]) action {
	route := newCommandRoute(path, run)
	return action{
		word: word, command: reflect.TypeFor[C](), path: route.path, parameters: route.parameters,
		run: route.perform,
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
		request := request{headed: &in.CommandInput, body: in.RawBody, also: []string{"action"}}
		// What else is in the body is for the action's own command to read.
		word, _, unread := decodeAll[actionWord](in.RawBody, shape{})
		for _, a := range actions {
			if unread == nil && word.Action == a.word {
				return a.run(ctx, s, request)
			}
		}
		_, faults, err := request.head(actions[0].path)
		if err != nil {
			return nil, err
		}
		if unread == nil {
			unread = wrongField("/action", "must be one of "+strings.Join(words, ", "))
		}
		if faults, err = setAside(faults, unread); err != nil {
			return nil, err
		}
		return nil, wrongRequest(faults)
	})
}

// actionWord is what the bodies of all actions have in common.
type actionWord struct {
	Action string `json:"action"`
}
