#!/usr/bin/perl
# Starts the server of this container for a gateway in another one, which reaches it at a Unix socket in a folder that only the
# two share. Perl, because it is in every Debian image, needs 6 MB and hands a connection over to a process: what a client and its
# server say to each other passes through nothing.
#
#   runner.pl <socket> <command> [argument...]
#
# A connection begins with a line. `control <key>`: it tells of the processes of that key, and lives as long as their gateway.
#   from here  <id> started <pid> | <id> failed <reason> | <id> exit <code> <signal> | <id> err <bytes>, and then those bytes
#   to here    <id> <signal>, for the process group
# `serve <key> <id> <variables>`, and a line NAME=value for each, percent-encoded: it becomes standard input and output of a new
# process.
#
# SIGTERM ends it when its gateways have ended: one that is drained serves on until then, and whoever stops the two need not know
# their order. SIGINT ends it at once.
use strict;
use warnings;
use Errno qw(EINTR);
use IO::Select;
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h);

use constant { LONGEST_LINE => 65_536, MOST_VARIABLES => 64, CHUNK => 8_192, PATIENCE => 2, KILL_AFTER => 3, OUTLIVE => 50 };

my ($path, @server) = @ARGV;
die "usage: runner.pl <socket> <command> [argument...]\n" unless @server;

require($0 =~ s{[^/]*$}{network.pl}r);
enter_network();

my $select = IO::Select->new;
my %controls;     # key => connection
my %key_of;       # file number of a control connection => key
my %processes;    # pid => { key, id, err, code, signal, ended }
my %errors;       # file number of a standard error => pid
my %doomed;       # pid => when what is left of its group is killed
my $ended = 0;
my $leaves;       # when it ends, although there are gateways

$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = sub { };    # ends a wait
$SIG{INT} = sub { $ended = 1 };
$SIG{TERM} = sub { $leaves //= time + OUTLIVE };

# Whoever finds it can connect, so it gets its name when it listens.
my $unnamed = "$path.$$";
unlink $unnamed;
my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $unnamed, Listen => 128)
  or die "runner.pl: cannot listen at $path: $!\n";
chmod 0666, $unnamed;    # the folder says who may come
rename $unnamed, $path or die "runner.pl: cannot listen at $path: $!\n";
my $own = inode();
$select->add($listener);

until ($ended || defined $leaves && (!%controls || time >= $leaves)) {
  my @ready = $select->can_read(%doomed || defined $leaves ? 0.2 : ());
  reap();
  for my $handle (@ready) {
    next unless defined fileno $handle;    # an end that was found meanwhile has closed it
    if    ($handle == $listener)          { accept_connection() }
    elsif (exists $key_of{ fileno $handle }) { obey($handle) }
    elsif (exists $errors{ fileno $handle }) { pass_on($handle) }
  }
  kill_doomed();
}
doom($_) for keys %processes;
my $deadline = time + KILL_AFTER;
while (%processes && time < $deadline) { $select->can_read(0.05); reap() }
kill 'KILL', -$_ for keys %processes;
unlink $path if inode() eq $own;    # another runner may have taken its place

sub inode { join ' ', (stat $path)[0, 1] }

sub accept_connection {
  my $connection = $listener->accept or return;
  my ($kind, $key, $id, $count) = split / /, read_line($connection) // return;
  return unless defined $key && $key =~ /^\w{16,64}$/;
  return control($connection, $key) if $kind eq 'control';
  return unless $kind eq 'serve' && defined $id && $id =~ /^\d+$/ && ($count // '') =~ /^\d+$/ && $count <= MOST_VARIABLES;
  my %variables;
  for (1 .. $count) {
    my ($name, $value) = split /=/, read_line($connection) // return, 2;
    return unless defined $value && $name =~ /^\w+$/;
    $variables{$name} = $value =~ s/%([0-9A-F]{2})/chr hex $1/ger;
  }
  serve($connection, $key, $id, \%variables);
}

sub control {
  my ($connection, $key) = @_;
  return if $controls{$key};
  $controls{$key} = $connection;
  $key_of{ fileno $connection } = $key;
  $select->add($connection);
}

sub serve {
  my ($connection, $key, $id, $variables) = @_;
  return unless $controls{$key};
  pipe(my $read, my $write) and pipe(my $failed, my $fails) or return tell_gateway($key, "$id failed $!");
  my $pid = fork;
  return tell_gateway($key, "$id failed $!") unless defined $pid;
  if ($pid == 0) { run($connection, $write, $fails, $variables) }
  close $_ for $write, $fails;
  $processes{$pid} = { key => $key, id => $id, err => $read };
  $errors{ fileno $read } = $pid;
  $select->add($read);
  my $reason = <$failed>;    # ends when the program has been started: its side is closed on exec
  tell_gateway($key, defined $reason ? "$id failed $reason" : "$id started $pid");
}

# In the new process: never returns.
sub run {
  my ($connection, $write, $fails, $variables) = @_;
  setpgrp(0, 0);
  $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD TERM INT);
  open STDIN,  '<&', $connection;
  open STDOUT, '>&', $connection;
  open STDERR, '>&', $write;
  @ENV{ keys %$variables } = values %$variables;
  { no warnings 'exec'; exec { $server[0] } @server }
  syswrite $fails, "$!";
  POSIX::_exit(127);
}

sub obey {
  my ($connection) = @_;
  my $key = $key_of{ fileno $connection };
  my $read = sysread $connection, my $text, CHUNK;
  return if !defined $read && $! == EINTR;
  return hang_up($connection, $key) unless $read;
  for (split /\n/, $text) {
    my ($id, $signal) = /^(\d+) (TERM|KILL|INT)$/ or next;
    for my $pid (keys %processes) {
      my $process = $processes{$pid};
      kill $signal, -$pid if $process->{key} eq $key && $process->{id} == $id;
    }
  }
}

# The gateway has ended: so do its processes.
sub hang_up {
  my ($connection, $key) = @_;
  $select->remove($connection);
  delete $key_of{ fileno $connection };
  delete $controls{$key};
  close $connection;
  doom($_) for grep { $processes{$_}{key} eq $key } keys %processes;
}

sub pass_on {
  my ($handle) = @_;
  my $pid = $errors{ fileno $handle };
  my $read = sysread $handle, my $text, CHUNK;
  return if !defined $read && $! == EINTR;
  if ($read) { return tell_gateway($processes{$pid}{key}, "$processes{$pid}{id} err $read", $text) }
  $select->remove($handle);
  delete $errors{ fileno $handle };
  close $handle;
  $processes{$pid}{err} = undef;
  finish($pid);
}

sub reap {
  while ((my $pid = waitpid -1, WNOHANG) > 0) {
    helper_ended($pid);
    my $process = $processes{$pid} or next;    # an orphan that became ours
    @$process{qw(ended code signal)} = (1, $? >> 8, $? & 127);
    finish($pid);
  }
}

# What it wrote at last comes before its end, unless something that it has started holds its standard error open.
sub finish {
  my ($pid) = @_;
  my $process = $processes{$pid};
  return unless $process->{ended};
  if (my $handle = $process->{err}) {
    pass_on_rest($handle, $process);
    $select->remove($handle);
    delete $errors{ fileno $handle };
    close $handle;
  }
  tell_gateway($process->{key}, "$process->{id} exit $process->{code} $process->{signal}");
  doom($pid) if kill 0, -$pid;
  delete $processes{$pid};
}

sub pass_on_rest {
  my ($handle, $process) = @_;
  my $waits = IO::Select->new($handle);
  while ($waits->can_read(0)) {
    my $read = sysread $handle, my $text, CHUNK;
    return unless $read;
    tell_gateway($process->{key}, "$process->{id} err $read", $text);
  }
}

sub doom {
  my ($pid) = @_;
  kill 'TERM', -$pid;
  $doomed{$pid} = time + KILL_AFTER;
}

sub kill_doomed {
  for my $pid (keys %doomed) {
    if (!kill 0, -$pid) { delete $doomed{$pid} }
    elsif (time >= $doomed{$pid}) { kill 'KILL', -$pid; delete $doomed{$pid} }
  }
}

sub tell_gateway {
  my ($key, $line, $bytes) = @_;
  my $connection = $controls{$key} or return;
  my $text = "$line\n" . ($bytes // '');
  while (length $text) {
    my $written = syswrite $connection, $text;
    next if !defined $written && $! == EINTR;
    return hang_up($connection, $key) unless $written;
    substr $text, 0, $written, '';
  }
}

# Byte by byte: what comes after the line is for the server.
sub read_line {
  my ($connection) = @_;
  my $line = '';
  my $waits = IO::Select->new($connection);
  while (length $line < LONGEST_LINE) {
    $! = 0;
    if (!$waits->can_read(PATIENCE)) {
      next if $! == EINTR;    # a process has ended meanwhile
      return undef;
    }
    my $read = sysread $connection, my $byte, 1;
    next if !defined $read && $! == EINTR;
    return undef unless $read;
    return $line if $byte eq "\n";
    $line .= $byte;
  }
  return undef;
}
