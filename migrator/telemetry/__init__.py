"""Who else is told of a run: hooks, a metrics file, OpenTelemetry. None of them can change what a run does.

Everything starts in `migrator.telemetry.watching`; nothing heavy is imported before somebody asked for it.
"""
