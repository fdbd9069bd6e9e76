{{- define "data.labels" -}}
app.kubernetes.io/name: attesta-data
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: attesta
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "data.roleSecret" -}}{{ .root.Values.postgres.roleSecretPrefix }}{{ .role | replace "_" "-" }}{{- end }}

{{- /* Rights on one topic, or on groups. */ -}}
{{- define "data.acl" -}}
- resource: { type: {{ .type }}, name: {{ .name }}, patternType: {{ .pattern | default "literal" }} }
  operations: [{{ join ", " .operations }}]
{{- end }}
