using System.CommandLine;
using GmemActors.Bench.Commands;

var root = new RootCommand("Measures the engine beside a bare loop, in one run: ratios and medians, never one absolute time.");
root.Add(PvfCommand.Create());
root.Add(SearchCommand.Create());
root.Add(ScenariosCommand.Create());
root.Add(WatchersCommand.Create());
root.Add(GrowthCommand.Create());
return root.Parse(args).Invoke();
