# fish completion for tlog-rec-session, made from its options by `make documents`
complete -c tlog-rec-session -s h -l help -d 'Output a command-line usage message and exit'
complete -c tlog-rec-session -s v -l version -d 'Output version information and exit'
complete -c tlog-rec-session -l configuration -d 'Output program configuration in JSON and exit'
complete -c tlog-rec-session -s l -l login -d 'Make the shell a login shell'
complete -c tlog-rec-session -s i -l interactive -d 'Make the shell an interactive shell'
complete -c tlog-rec-session -s c -l command -d 'Execute shell commands'
