# The Makefile for Windows: .\quick-start.ps1 [demo|test|setup|dev|start|bench|build|lint]; demo when nothing is named.
param([string]$Command = "demo", [Parameter(ValueFromRemainingArguments)][string[]]$Rest = @())
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot

if (-not (Get-Command node -ErrorAction SilentlyContinue)) {
  Write-Error "Node is missing: install Node 20 or later from https://nodejs.org and run this again."
}

function Invoke-Checked([string]$Program, [string[]]$Arguments) {
  & $Program @Arguments
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Initialize-Project { Invoke-Checked node @("scripts/install-and-build.mjs") }

switch ($Command) {
  "demo" { Initialize-Project; Invoke-Checked node (@("cli/energy.mjs", "demo") + $Rest) }
  "test" { Invoke-Checked node @("scripts/test-all.mjs") }
  "setup" { Initialize-Project }
  "dev" { Initialize-Project; Invoke-Checked npm @("run", "-s", "dev") }
  "start" { Initialize-Project; Invoke-Checked node (@("cli/energy.mjs", "start") + $Rest) }
  "bench" { Initialize-Project; Invoke-Checked node (@("cli/energy.mjs", "bench") + $Rest) }
  "build" { Invoke-Checked npm @("run", "-s", "build") }
  "lint" { Initialize-Project; Invoke-Checked npm @("run", "-s", "lint"); Invoke-Checked npm @("run", "-s", "typecheck") }
  default { Write-Error "There is no command `"$Command`": demo, test, setup, dev, start, bench, build or lint." }
}
