// Package deliverytest judges delivery from outside. It is for fault tests, whatever the fault and wherever the publisher runs:
// in the test, or in a process that the test kills.
//
// The log says what must be heard ([publishers.Messages] is the truth), a [Tap] in front of the endpoint sees what is sent, and an
// [Ear] hears what subscribers hear. [Check] compares them and returns every promise that was broken.
package deliverytest
