package ablylocal

import (
	"net/http"
)

// batchSpec asks for the same messages on each of its channels, atomically per
// channel.
type batchSpec struct {
	Channels oneOrMany[string]  `json:"channels"`
	Messages oneOrMany[Message] `json:"messages"`
}

// batchResult is what became of one spec.
type batchResult struct {
	SuccessCount int             `json:"successCount"`
	FailureCount int             `json:"failureCount"`
	Results      []channelResult `json:"results"`
}

// legacyBatch is the answer of protocol versions 1 and 2 when a channel failed.
type legacyBatch struct {
	Error   *ErrorInfo      `json:"error"`
	Results []channelResult `json:"batchResponse"`
}

// publishBatch answers POST /messages. What is wrong with one channel or one spec
// is told in its result and does not touch the others; what is wrong with the
// request refuses all of it.
func (s *Server) publishBatch(r *http.Request, _ string) (reply, *ErrorInfo) {
	who, err := s.restPublisher(r)
	if err != nil {
		return reply{}, err
	}
	var specs oneOrMany[batchSpec]
	if err := readBody(r, &specs); err != nil {
		return reply{}, err
	}
	if err := checkBatch(specs); err != nil {
		return reply{}, err
	}
	var channels []string
	for _, spec := range specs {
		channels = append(channels, spec.Channels...)
	}
	return s.underFault(r, channels, func(f PublishFault) (reply, *ErrorInfo) {
		results := s.publishSpecs(who, specs, f)
		if protocolVersion(r) <= 2 {
			return legacyReply(results), nil
		}
		return reply{status: http.StatusCreated, body: results}, nil
	})
}

// publishSpecs publishes every spec to each of its channels.
func (s *Server) publishSpecs(who publisher, specs []batchSpec, f PublishFault) []batchResult {
	results, at, faulty := make([]batchResult, len(specs)), 0, false
	for i, spec := range specs {
		for _, channel := range spec.Channels {
			err := f.refuses(at, channel)
			at++
			if err != nil {
				faulty = true
				s.countRefusal(err)
				results[i].add(channelResult{Channel: channel, Error: err})
				continue
			}
			results[i].add(s.publishInBatch(who, channel, spec.Messages, f))
		}
	}
	if faulty {
		s.switches.happened(FaultPartial)
	}
	return results
}

// checkBatch applies the limits of a request as a whole.
func checkBatch(specs []batchSpec) *ErrorInfo {
	if len(specs) == 0 {
		return refuse(CodeInvalidBody, "invalid batch: no specs")
	}
	channels := map[string]struct{}{}
	for i, spec := range specs {
		if len(spec.Channels) == 0 {
			return refuse(CodeInvalidBody, "invalid batch: spec %d names no channel", i)
		}
		for _, channel := range spec.Channels {
			channels[channel] = struct{}{}
		}
	}
	if len(channels) > maxBatchChannels {
		return refuse(CodeTooManyChannels, "max number of channels permitted in a single bulk publish request (%d) exceeded", maxBatchChannels)
	}
	return nil
}

// publishInBatch publishes to one channel of a spec; a refusal is its result.
func (s *Server) publishInBatch(who publisher, channel string, messages []Message, f PublishFault) channelResult {
	var (
		out channelResult
		err *ErrorInfo
	)
	if len(messages) > maxBatchMessages {
		err = refuse(CodeTooManyMessages, "max number of messages per spec (%d) exceeded", maxBatchMessages)
	} else {
		out, err = s.publishTo(who, channel, messages, f)
	}
	if err != nil {
		s.countRefusal(err)
		return channelResult{Channel: channel, Error: err}
	}
	return out
}

// add counts a channel's result.
func (b *batchResult) add(result channelResult) {
	if result.Error != nil {
		b.FailureCount++
	} else {
		b.SuccessCount++
	}
	b.Results = append(b.Results, result)
}

// legacyReply is the flat form: the results of all specs in one list, and an error
// for the whole as soon as one channel failed.
func legacyReply(results []batchResult) reply {
	var flat []channelResult
	failed := 0
	for _, result := range results {
		flat = append(flat, result.Results...)
		failed += result.FailureCount
	}
	if failed == 0 {
		return reply{status: http.StatusCreated, body: flat}
	}
	err := refuse(CodeBatchError, "batched operation failed on %d of %d channels", failed, len(flat))
	return reply{status: http.StatusBadRequest, body: legacyBatch{err, flat}, failed: err}
}
