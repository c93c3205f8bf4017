package demo

import (
	"fmt"
	"math/rand/v2"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// dice makes the choices of people and the ids of the things that they begin with. It is not safe for concurrent use: one
// goroutine seeds, and afterwards every salon has dice of its own.
type dice struct{ *rand.Rand }

func newDice(seed, stream uint64) dice { return dice{rand.New(rand.NewPCG(seed, stream))} }

const (
	idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
	idLength   = 22
)

// id mints an identifier of the given kind.
func (d dice) id(prefix domain.IDPrefix) string {
	suffix := make([]byte, idLength)
	for i := range suffix {
		suffix[i] = idAlphabet[d.IntN(len(idAlphabet))]
	}
	return string(prefix) + "_" + string(suffix)
}

// pick returns one of the choices, which must not be empty.
func pick[T any](d dice, choices []T) T { return choices[d.IntN(len(choices))] }

// share is true in one of n cases on average.
func (d dice) share(n int) bool { return d.IntN(n) == 0 }

func givenNames() []string {
	return []string{
		"Aarav", "Aditi", "Ananya", "Arjun", "Bhavna", "Chitra", "Dev", "Diya", "Farah", "Gauri", "Harsh", "Isha", "Jaya",
		"Kabir", "Kavya", "Lakshmi", "Manish", "Meera", "Naina", "Nikhil", "Pooja", "Priya", "Rahul", "Rekha", "Rohan",
		"Saanvi", "Sameer", "Sneha", "Tanvi", "Uma", "Varun", "Vidya", "Yash", "Zoya",
	}
}

func familyNames() []string {
	return []string{
		"Agarwal", "Bhat", "Chopra", "Das", "Desai", "Fernandes", "Gupta", "Iyer", "Jain", "Joshi", "Kapoor", "Khan", "Kumar",
		"Mehta", "Menon", "Nair", "Patel", "Pillai", "Rao", "Reddy", "Sen", "Shah", "Sharma", "Singh", "Thomas", "Verma",
	}
}

// phone is the telephone number of a guest. Its beginning gives it away wherever it should not be.
func (d dice) phone() string { return fmt.Sprintf("%s %05d", check.PhoneCanary, d.IntN(100_000)) }

func (d dice) fullName() string { return pick(d, givenNames()) + " " + pick(d, familyNames()) }

// branchName names the i'th branch; past the end of the list the quarters get a second house.
func branchName(i int) string {
	quarters := []string{
		"Bandra", "Indiranagar", "Koregaon Park", "Banjara Hills", "Anna Nagar", "Hauz Khas", "Salt Lake", "Navrangpura",
		"Panjim", "Kochi Fort", "Civil Lines", "Sector 17",
	}
	name := "Royal Glow " + quarters[i%len(quarters)]
	if house := i / len(quarters); house > 0 {
		name += " " + string(rune('A'+house%26))
	}
	return name
}
