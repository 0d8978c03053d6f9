using System.Reflection;
using System.Runtime.CompilerServices;
using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Hardware;
using GmemActors.Scenarios;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests;

public class ArchitectureTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] MustReplay =
        [typeof(World).Assembly, typeof(PhysicalMemory).Assembly, typeof(Vm).Assembly, typeof(Scenario).Assembly];

    [Fact]
    public void Every_path_says_which_kernel_function_it_mirrors()
    {
        var unmarked =
            from type in typeof(Vm).Assembly.GetTypes()
            where type.Namespace == "GmemActors.Actors.Paths" && !type.IsDefined(typeof(CompilerGeneratedAttribute))
            from method in type.GetMethods(Everything)
            where method.IsDefined(typeof(AsyncStateMachineAttribute)) && method.GetCustomAttribute<KernelAttribute>() is null
            select $"{type.Name}.{method.Name}";

        Assert.Empty(unmarked);
    }

    [Fact]
    public void Every_path_takes_the_current_task_first()
    {
        var others =
            from type in typeof(Vm).Assembly.GetTypes()
            from method in type.GetMethods(Everything)
            where method.IsDefined(typeof(KernelAttribute)) && method.ReturnType.Name.StartsWith(nameof(Path), StringComparison.Ordinal)
            where method.GetParameters() is not [{ Name: "current" } first, ..] || first.ParameterType != typeof(KernelTask)
            select $"{type.Name}.{method.Name}";

        Assert.Empty(others);
    }

    [Fact]
    public void Every_message_is_sealed()
    {
        Assert.All(Messages(), message => Assert.True(message.IsSealed, message.Name));
    }

    [Fact]
    public void Every_message_is_handled_by_exactly_one_actor()
    {
        var actors = Actors();
        foreach (var message in Messages())
        {
            // What is common to all open files is handled by one class, of which there are several kinds.
            var owners = actors.Where(actor => Knows(actor, message)).Select(actor => actor is OpenFile ? nameof(OpenFile) : actor.Name).Distinct();
            Assert.True(owners.Count() == 1, $"{message.Name} is handled by: {string.Join(", ", owners)}");
        }
    }

    [Fact]
    public void No_field_is_of_a_type_that_differs_between_runs()
    {
        string[] banned = ["Dictionary`2", "HashSet`1", "Random", "Stopwatch", "DateTime", "DateTimeOffset", "TimeProvider"];
        var fields =
            from assembly in MustReplay
            from type in assembly.GetTypes()
            from field in type.GetFields(Everything)
            where banned.Contains(field.FieldType.Name)
            select $"{type.Name}.{field.Name}";

        Assert.Empty(fields);
    }

    [Fact]
    public void Every_bug_has_a_scenario_that_shows_it()
    {
        Assert.All(Bug.All, bug => Assert.Contains(Catalogue.All, scenario => scenario.Shows?.Bug == bug));
    }

    private static IEnumerable<Type> Messages() =>
        from assembly in new[] { typeof(PhysicalMemory).Assembly, typeof(Vm).Assembly }
        from type in assembly.GetTypes()
        where type.IsSubclassOf(typeof(Message)) && !type.IsAbstract
        select type;

    private static List<Actor> Actors()
    {
        var memory = new PhysicalMemory("memory", 1);
        var rcu = new Rcu("rcu");
        var vm = new Vm("vm0", new(KernelVersion.Linux68, memory, rcu), new(new(0), new(1)));
        var inode = new GmemInode("inode0", vm.Machine, 1);
        List<Actor> actors = [memory, rcu, new UserMemory("mm", memory, 1), vm, inode, new GmemFile("gmem0", vm, inode), new FilesStruct("files")];
        actors.Add(new Meetings("order"));
        actors.Add(new Vcpu("vm0:vcpu0", vm, 0, new("vm0:cpu0")));
        actors.AddRange([new Rmp("rmp", PhysicalMemory.First, 1), new Cpu("cpu0"), new TdxKeyIds("tdx-keys", new(1), 1), new TdxModule("tdx", PhysicalMemory.First, 1)]);
        actors.AddRange([new SevHost("sev"), new Ghcb("ghcb0")]);
        actors.AddRange([new OtherFile("kvm"), new MemoryFailures("mf"), new GmemActors.Actors.Module("kvm"), new KvmFile("vm0:file", vm)]);
        var types = MustReplay.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(Actor)) && !type.IsAbstract);
        Assert.Equal(types.Where(type => type != typeof(KernelTask)).Count(), actors.Count);
        return actors;
    }

    // A message without content: who knows it may fail over that, who does not know it says so.
    private static bool Knows(Actor actor, Type type)
    {
        var message = (Message)RuntimeHelpers.GetUninitializedObject(type);
        var kind = type.IsSubclassOf(typeof(Acquire)) || type.IsSubclassOf(typeof(Release)) || type.IsSubclassOf(typeof(TryAcquire));
        var world = new World(new RandomWalk(0));
        var knows = true;
        world.Spawn("probe", current =>
        {
            try
            {
                if (kind) actor.LockOf(message);
                else actor.Handle(current, message);
            }
            catch (System.Diagnostics.UnreachableException)
            {
                knows = false;
            }
            catch (Exception unrelated) when (unrelated is InternalErrorException or NullReferenceException or IndexOutOfRangeException)
            {
                knows = true;
            }

            return default;
        });
        return knows;
    }
}
