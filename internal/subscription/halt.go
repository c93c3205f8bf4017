package subscription

// HaltError is a handler's way to say that trying again is useless: the consumer stops at the batch and shows it.
type HaltError struct{ Err error }

// Error tells what is wrong.
func (e *HaltError) Error() string { return "halt: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *HaltError) Unwrap() error { return e.Err }
