// Fills in what Go itself renders for each template of cases.json, so that our own rendering can be held against it.
// With Debian's golang-go and golang-github-masterminds-sprig-dev, in this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run oracle.go cases.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
)

// numbers turns what JSON calls a number into what YAML would: whole ones are ints.
func numbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			i, _ := v.Int64()
			return int(i)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return value
}

func render(text string, data any) (out string, failed bool) {
	defer func() {
		if recover() != nil {
			failed = true
		}
	}()
	parsed, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return "", true
	}
	var builder strings.Builder
	if err := parsed.Execute(&builder, data); err != nil {
		return "", true
	}
	return builder.String(), false
}

type testCase struct {
	Template string `json:"template"`
	Output   string `json:"output,omitempty"`
	Fails    bool   `json:"fails,omitempty"`
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var file struct {
		Data  json.RawMessage `json:"data"`
		Cases []testCase      `json:"cases"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		panic(err)
	}
	for i := range file.Cases {
		decoder := json.NewDecoder(strings.NewReader(string(file.Data)))
		decoder.UseNumber()
		var data any
		if err := decoder.Decode(&data); err != nil {
			panic(err)
		}
		file.Cases[i].Output, file.Cases[i].Fails = render(file.Cases[i].Template, numbers(data))
	}
	out, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	defer out.Close()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(file); err != nil {
		panic(err)
	}
	fmt.Println(len(file.Cases), "templates")
}
