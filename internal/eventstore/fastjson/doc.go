// Package fastjson reads JSON in the form in which encoding/json writes it, several times as fast as encoding/json reads it.
//
// It knows one form only: the members of an object in the order of the struct's fields, each at most once and by its exact
// name, and no white space. For what it reads it gives what encoding/json would; for everything else, be it right or wrong, it
// says that it does not know, and the caller asks encoding/json. So it never has an error of its own, and nothing that a log
// may hold depends on it.
//
// It reads structs of strings, integers, booleans, times, byte slices, and of slices of, pointers to and structs of these. Of
// types with anything else in them, such as maps and types that read themselves, it makes no plan.
package fastjson
