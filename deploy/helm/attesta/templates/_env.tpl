{{- /* Environment of a service; takes dict root, service, facts. What is secret is a file, which no crash report and no child process holds. */ -}}
{{- define "attesta.env" -}}
{{- $root := .root }}
{{- $values := $root.Values }}
{{- $own := index $values.services .service }}
{{- $env := dict
  "PORT" "4000"
  "LOG_LEVEL" $values.logLevel
  "AUTH_ISSUER" $values.auth.issuer
  "AUTH_AUDIENCE" $values.auth.audience
  "OTEL_SERVICE_NAME" (printf "attesta-%s" .service)
  "METRICS_PORT" (toString $values.metrics.port)
}}
{{- if $values.auth.people }}{{ $_ := set $env "AUTH_PEOPLE_ISSUER" (printf "%s/people" $values.publicUrl) }}{{ end }}
{{- if $values.telemetry.endpoint }}{{ $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" $values.telemetry.endpoint }}{{ end }}
{{- with $values.ingress.trustedProxies }}{{ $_ := set $env "TRUSTED_PROXIES" (join "," .) }}{{ end }}
{{- if .facts.databases }}
{{- if $values.policy.configMap }}{{ $_ := set $env "ATTESTA_POLICY" "/policy/policy.yaml" }}{{ end }}
{{- end }}
{{- if eq .service "ledger" }}{{ $_ := set $env "ATTESTA_ORIGIN" $values.origin }}{{ end }}
{{- if and (eq .service "ledger") $values.witnesses.configMap }}{{ $_ := set $env "ATTESTA_WITNESS_POLICY" "/witnesses/policy.txt" }}{{ end }}
{{- with .facts.keys }}{{ $_ := set $env . "/data/keys" }}{{ end }}
{{- if .facts.client }}{{ $_ := set $env "AUTH_CLIENT_ID" (printf "%s-service" .service) }}{{ end }}
{{- if .facts.public }}{{ $_ := set $env "PUBLIC_URL" $values.publicUrl }}{{ end }}
{{- if .facts.mail }}{{ $_ := set $env "MAIL_DIRECTORY" "/data/mail" }}{{ end }}
{{- range $variable, $called := .facts.calls }}{{ $_ := set $env $variable (printf "http://%s-%s:4000" $root.Release.Name $called) }}{{ end }}
{{- if and .facts.smtp $own.smtp }}
{{- if $own.smtp.enabled }}
{{- $_ := set $env .facts.smtp.port (toString $own.smtp.port) }}
{{- $_ := set $env .facts.smtp.peers (join "," $own.smtp.peers) }}
{{- end }}
{{- end }}
{{- if .facts.kafka }}
{{- $_ := set $env "KAFKA_BROKERS" (join "," $values.kafka.brokers) }}
{{- if $values.kafka.tls.enabled }}
{{- $_ := set $env "KAFKA_TLS" "true" }}
{{- if $values.kafka.tls.caSecret }}{{ $_ := set $env "KAFKA_TLS_CA_FILE" "/kafka/ca/ca.crt" }}{{ end }}
{{- if $values.kafka.tls.userSecretPrefix }}
{{- $_ := set $env "KAFKA_TLS_CERT_FILE" "/kafka/user/user.crt" }}
{{- $_ := set $env "KAFKA_TLS_KEY_FILE" "/kafka/user/user.key" }}
{{- end }}
{{- end }}
{{- if $values.kafka.sasl.mechanism }}
{{- $_ := set $env "KAFKA_SASL_MECHANISM" $values.kafka.sasl.mechanism }}
{{- $_ := set $env "KAFKA_SASL_USERNAME" (printf "%s%s" $values.kafka.sasl.usernamePrefix .service) }}
{{- end }}
{{- end }}
{{- range splitList " " (include "attesta.secretKeys" .) }}{{ if . }}{{ $_ := set $env (printf "%s_FILE" .) (printf "/secrets/own/%s" .) }}{{ end }}{{ end }}
{{- range splitList " " (include "attesta.sharedKeys" .) }}
{{- if and . (or $.facts.pepper (ne . "ATTESTA_PEPPER")) }}{{ $_ := set $env (printf "%s_FILE" .) (printf "/secrets/shared/%s" .) }}{{ end }}
{{- end }}
{{- range $name, $value := $own.env }}{{ $_ := set $env $name (toString $value) }}{{ end }}
{{- range $name, $value := $env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
