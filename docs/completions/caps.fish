# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_caps_global_optspecs
    string join \n root= guests= no-guests no-cache refresh cache-dir= partial o/output= h/help V/version
end

function __fish_caps_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_caps_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_caps_using_subcommand
    set -l cmd (__fish_caps_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c caps -n "__fish_caps_needs_command" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_needs_command" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_needs_command" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_needs_command" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_needs_command" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_needs_command" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_needs_command" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_needs_command" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_needs_command" -s V -l version -d 'Print version'
complete -c caps -n "__fish_caps_needs_command" -f -a "xml" -d 'Print the document'
complete -c caps -n "__fish_caps_needs_command" -f -a "explain" -d 'Say, topic by topic, where the document comes from and what was absent, denied or odd'
complete -c caps -n "__fish_caps_needs_command" -f -a "record" -d 'Record this host in DIR, so that `caps --root DIR` makes the same document anywhere'
complete -c caps -n "__fish_caps_needs_command" -f -a "cpu" -d 'Print the CPU element of this host, or of registers that were recorded elsewhere'
complete -c caps -n "__fish_caps_needs_command" -f -a "compare" -d 'Say whether this host can run a CPU, as virsh cpu-compare does'
complete -c caps -n "__fish_caps_needs_command" -f -a "baseline" -d 'Print a CPU that several hosts can run, as virsh cpu-baseline does'
complete -c caps -n "__fish_caps_needs_command" -f -a "guest" -d 'Print the guests of this host alone, or those that libvirt makes of what other emulators said'
complete -c caps -n "__fish_caps_needs_command" -f -a "cache" -d 'Show or clear what is kept of emulators and KVM'
complete -c caps -n "__fish_caps_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c caps -n "__fish_caps_using_subcommand xml" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand xml" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand xml" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand xml" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand xml" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand xml" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand xml" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand xml" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand xml" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand explain" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand explain" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand explain" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand explain" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand explain" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand explain" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand explain" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand explain" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand record" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand record" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand record" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand record" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand record" -l scrub -d 'Replace UUIDs and serial numbers, and leave out accounts that do not matter'
complete -c caps -n "__fish_caps_using_subcommand record" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand record" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand record" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand record" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand record" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l cpuid -d 'Decode the registers in FILE (standard input if it is `-`): cpuid -r, InstLatx64, AIDA64, libcpuid, cpudata XML or TSV' -r -F
complete -c caps -n "__fish_caps_using_subcommand cpu" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand cpu" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand cpu" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand cpu" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand cpu" -l as-probed -d 'Of the registers in FILE use only those that libvirt reads on a live host'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l expand -d 'List every feature, those of the model too'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l guest -d 'Print a guest definition that amounts to this CPU'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l why -d 'Explain the model: what was chosen, what comes near and what lacks, where each feature was found'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l json -d 'Explain the model in JSON'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand cpu" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand cpu" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand compare" -l host -d 'Compare with the CPU in this document instead of this host\'s' -r -F
complete -c caps -n "__fish_caps_using_subcommand compare" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand compare" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand compare" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand compare" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand compare" -l error -d 'Say why, if the host cannot run it'
complete -c caps -n "__fish_caps_using_subcommand compare" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand compare" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand compare" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand compare" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand baseline" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand baseline" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand baseline" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand baseline" -l features -d 'List every feature, those of the model too'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l migratable -d 'Leave out features that keep a guest from being moved'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand baseline" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand baseline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand guest" -l qmp -d 'Read what emulators said over QMP: a directory of recordings, or one recording' -r -F
complete -c caps -n "__fish_caps_using_subcommand guest" -l binary -d 'Where the emulator of the one recording lies; without it, where the name of the recording says' -r -F
complete -c caps -n "__fish_caps_using_subcommand guest" -l host-arch -d 'Architecture of the host that the recordings are of' -r
complete -c caps -n "__fish_caps_using_subcommand guest" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand guest" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand guest" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand guest" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand guest" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand guest" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand guest" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand guest" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand guest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -f -a "show" -d 'Print where it is, whether it still holds, and what each emulator offers'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -f -a "clear" -d 'Remove all of it'
complete -c caps -n "__fish_caps_using_subcommand cache; and not __fish_seen_subcommand_from show clear help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l root -d 'Describe a recorded host instead of this one: nothing of this host is looked at' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l guests -d 'Where the guests come from' -r -f -a "qmp\t'The emulators tell over QMP; one that has told and is the same since is not started again'
files\t'Look for emulators, start none'
none\t'No guests'"
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-dir -d 'Keep what they say in DIR; otherwise in /var/cache/caps for root, in caps in the cache directory of other users' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -s o -l output -d 'Write to FILE instead of standard output; a file is replaced as a whole or not at all' -r -F
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l no-guests -d 'Leave the guests out; the same as --guests none'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l no-cache -d 'Neither use nor keep what emulators and KVM said before: ask them all'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l refresh -d 'Ask all emulators and KVM, and keep what they say'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -l partial -d 'Print what can be had if a source fails: a warning for each that failed, exit status 3'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print where it is, whether it still holds, and what each emulator offers'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "clear" -d 'Remove all of it'
complete -c caps -n "__fish_caps_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "xml" -d 'Print the document'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "explain" -d 'Say, topic by topic, where the document comes from and what was absent, denied or odd'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "record" -d 'Record this host in DIR, so that `caps --root DIR` makes the same document anywhere'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "cpu" -d 'Print the CPU element of this host, or of registers that were recorded elsewhere'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "compare" -d 'Say whether this host can run a CPU, as virsh cpu-compare does'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "baseline" -d 'Print a CPU that several hosts can run, as virsh cpu-baseline does'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "guest" -d 'Print the guests of this host alone, or those that libvirt makes of what other emulators said'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "cache" -d 'Show or clear what is kept of emulators and KVM'
complete -c caps -n "__fish_caps_using_subcommand help; and not __fish_seen_subcommand_from xml explain record cpu compare baseline guest cache help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c caps -n "__fish_caps_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "show" -d 'Print where it is, whether it still holds, and what each emulator offers'
complete -c caps -n "__fish_caps_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "clear" -d 'Remove all of it'
