package eventstore

// Message is one item of a subscription: an event, or a notice. A notice either says that the position has advanced without
// an event, or (CaughtUp) that everything before it was history.
type Message struct {
	Event    *Recorded
	Position Position
	CaughtUp bool
}

// Subscription delivers the log in order from one position on. It is not revived when it breaks: whoever reads it subscribes
// again after the last position that he has handled. One goroutine reads it.
type Subscription interface {
	// Recv blocks for the next message, or until the context of Subscribe ends. An event that cannot be decoded is a
	// *DecodeError; every other error means that the subscription is over, ErrUnavailable that another may fare better, and
	// ErrForeignPosition that none from the same position ever will.
	Recv() (Message, error)
	// Close gives the subscription back. It is called once no Recv is under way.
	Close() error
}
