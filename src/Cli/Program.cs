using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using GmemActors.Cli;

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
// Flushed by the runner, which has one line for an output that cannot be written.
var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), bufferSize: 1 << 16);
var session = new Session(new(KernelLaboratory.Create), output, Console.Error, !Console.IsErrorRedirected, stop.Token);
return new CommandRunner(session).Run(args);

// The first signal asks for what was found so far, the second means it.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
