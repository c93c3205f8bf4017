package domain

// Sealed is a text that only the holder of a key can read. Events hold people's words and contacts in this form alone: when
// the key is deleted, the text is gone from every copy of the log.
type Sealed struct {
	// KeyID names the key; each text has its own.
	KeyID string `json:"keyId"`
	// Box is the nonce and the ciphertext.
	Box []byte `json:"box"`
}

// Guest is a customer without an account.
type Guest struct {
	Name  Sealed  `json:"name"`
	Phone *Sealed `json:"phone,omitempty"`
}

// SecretKind says what a sealed text is; a report of what was erased counts by it.
type SecretKind string

// The kinds of sealed text.
const (
	SecretNote   SecretKind = "note"
	SecretName   SecretKind = "guest_name"
	SecretPhone  SecretKind = "guest_phone"
	SecretReason SecretKind = "leave_reason"
)
