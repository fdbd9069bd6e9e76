{{- define "attesta.facts" -}}{{ .Files.Get "files/services.yaml" }}{{- end }}

{{- /* Labels of one service's pods; takes dict root, service. */ -}}
{{- define "attesta.selector" -}}
app.kubernetes.io/name: attesta
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{- define "attesta.labels" -}}
{{ include "attesta.selector" . }}
app.kubernetes.io/part-of: attesta
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "attesta.image" -}}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{- end }}

{{- define "attesta.secret" -}}{{ (index .root.Values.services .service).secret | default (printf "%s-%s" .root.Release.Name .service) }}{{- end }}

{{- define "attesta.migrationSecret" -}}
{{ (index .root.Values.services .service).migrationSecret | default (printf "%s-%s-migration" .root.Release.Name .service) }}
{{- end }}

{{- /* Variables that are keys of a service's own Secret, separated by spaces; takes dict root, service, facts. */ -}}
{{- define "attesta.secretKeys" -}}
{{- $keys := list }}
{{- range .facts.databases }}{{ $keys = append $keys (printf "%s_DATABASE_URL" .) }}{{ end }}
{{- if .facts.client }}{{ $keys = append $keys "AUTH_CLIENT_SECRET" }}{{ end }}
{{- if and .facts.kafka .root.Values.kafka.sasl.mechanism }}{{ $keys = append $keys "KAFKA_SASL_PASSWORD" }}{{ end }}
{{- concat $keys ((index .root.Values.services .service).secretKeys | default list) | uniq | join " " }}
{{- end }}

{{- /* The same of the shared Secret. */ -}}
{{- define "attesta.sharedKeys" -}}
{{- $keys := list }}
{{- if or .facts.pepper (eq .service "ledger") }}{{ $keys = append $keys "ATTESTA_PEPPER" }}{{ end }}
{{- if .root.Values.auth.actorPepper }}{{ $keys = append $keys "AUTH_ACTOR_PEPPER" }}{{ end }}
{{- join " " $keys }}
{{- end }}

{{- define "attesta.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "attesta.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
runAsNonRoot: true
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end }}
