using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace GmemActors.Bench.Pvf;

/// <summary>The yardstick: PvF on arrays as mailboxes and plain <c>async</c> clients resumed in line. No properties.</summary>
/// <remarks>
/// A message is a struct in its actor's array; a reply goes through the client's own mailbox. At each step one of all pending
/// messages is drawn. Locks are first come, inside their actors.
/// </remarks>
public sealed class BareLoop(PvfSize size)
{
    private enum Op
    {
        ReadSeq,
        LockShared,
        LockExclusive,
        UnlockShared,
        UnlockExclusive,
        GetFolio,
        Truncate,
        InvalidateBegin,
        Unmap,
        InvalidateEnd,
        MapIfFresh,
        Assign,
        Release,
        Answer,
    }

    private record struct Mail(int To, int From, Op Op, int A, int B);

    private sealed class Client(BareLoop loop, int id) : INotifyCompletion
    {
        private Action? _continuation;
        private int _answer;

        public bool IsCompleted => false;

        public Client GetAwaiter() => this;

        public int GetResult() => _answer;

        public void OnCompleted(Action continuation) => _continuation = continuation;

        public Client Ask(int to, Op op, int a = 0, int b = 0)
        {
            loop.Post(new(to, id, op, a, b));
            return this;
        }

        public void Answered(int answer)
        {
            _answer = answer;
            _continuation!();
        }
    }

    private sealed class Lock
    {
        private readonly Queue<(int Client, bool Exclusive)> _waiting = new();
        private int _readers;
        private bool _writer;

        public bool Request(int client, bool exclusive)
        {
            if (_waiting.Count == 0 && Grant(exclusive)) return true;
            _waiting.Enqueue((client, exclusive));
            return false;
        }

        public bool Next(out int client)
        {
            client = -1;
            if (!_waiting.TryPeek(out var head) || !Grant(head.Exclusive)) return false;
            client = _waiting.Dequeue().Client;
            return true;
        }

        public void Release(bool exclusive)
        {
            if (exclusive) _writer = false;
            else _readers--;
        }

        private bool Grant(bool exclusive)
        {
            if (_writer || (exclusive && _readers > 0)) return false;
            if (exclusive) _writer = true;
            else _readers++;
            return true;
        }
    }

    private const int Inode = 0;
    private const int Vm = 1;
    private const int Rmp = 2;
    private const int FirstClient = 3;

    private Mail[] _mail = new Mail[64];
    private int _count;
    private ulong _random;
    private Client[] _clients = [];
    private Lock[] _locks = [];
    private bool[] _present = [];
    private bool[] _spte = [];
    private bool[] _assigned = [];
    private int _seq;
    private int _inProgress;

    /// <summary>The messages of all executions so far.</summary>
    public long Messages { get; private set; }

    /// <summary>The retries of all executions so far.</summary>
    public long Retries { get; private set; }

    /// <summary>Runs one execution.</summary>
    public void Run(ulong seed)
    {
        _random = (seed * 0x9E3779B97F4A7C15) | 1;
        _count = _seq = _inProgress = 0;
        _locks = [new(), new()];
        (_present, _spte, _assigned) = (new bool[size.P], new bool[size.P], new bool[size.P]);
        _clients = new Client[size.N + 1];
        for (var i = 0; i <= size.N; i++) _clients[i] = new(this, FirstClient + i);
        for (var i = 0; i < size.N; i++) _ = Vcpu(_clients[i], i % size.P);
        _ = Puncher(_clients[size.N]);
        while (_count > 0)
        {
            _random ^= _random << 13;
            _random ^= _random >> 7;
            _random ^= _random << 17;
            var index = (int)((uint)(_random >> 32) * (ulong)_count >> 32);
            var mail = _mail[index];
            _mail[index] = _mail[--_count];
            Messages++;
            if (mail.To >= FirstClient) _clients[mail.To - FirstClient].Answered(mail.A);
            else Handle(mail);
        }

        if (_inProgress != 0) throw new InvalidOperationException("in_progress");
    }

    private void Post(Mail mail)
    {
        if (_count == _mail.Length) Array.Resize(ref _mail, _count * 2);
        _mail[_count++] = mail;
    }

    private void Answer(int client, int answer = 0) => Post(new(client, 0, Op.Answer, answer, 0));

    private void Handle(Mail mail)
    {
        switch (mail.Op)
        {
            case Op.LockShared or Op.LockExclusive:
                if (_locks[mail.To].Request(mail.From, mail.Op == Op.LockExclusive)) Answer(mail.From);
                return;
            case Op.UnlockShared or Op.UnlockExclusive:
                _locks[mail.To].Release(mail.Op == Op.UnlockExclusive);
                Answer(mail.From);
                while (_locks[mail.To].Next(out var next)) Answer(next);
                return;
            case Op.ReadSeq:
                Answer(mail.From, _seq);
                return;
            case Op.GetFolio:
                _present[mail.A] = true;
                Answer(mail.From, mail.A);
                return;
            case Op.Truncate:
                Array.Clear(_present);
                break;
            case Op.InvalidateBegin:
                _inProgress++;
                break;
            case Op.Unmap:
                Array.Clear(_spte);
                break;
            case Op.InvalidateEnd:
                _seq++;
                _inProgress--;
                break;
            case Op.MapIfFresh:
                var fresh = _inProgress == 0 && _seq == mail.A;
                if (fresh) _spte[mail.B] = true;
                Answer(mail.From, fresh ? 1 : 0);
                return;
            case Op.Assign:
                _assigned[mail.A] = true;
                break;
            case Op.Release:
                Array.Clear(_assigned);
                break;
        }

        Answer(mail.From);
    }

    private async Task Vcpu(Client me, int page)
    {
        for (var fault = 0; fault < size.F; fault++)
        {
            while (true)
            {
                var seq = await me.Ask(Vm, Op.ReadSeq);
                await me.Ask(Inode, Op.LockShared);
                await me.Ask(Inode, Op.GetFolio, page);
                await me.Ask(Rmp, Op.Assign, page);
                await me.Ask(Inode, Op.UnlockShared);
                await me.Ask(Vm, Op.LockExclusive);
                var mapped = await me.Ask(Vm, Op.MapIfFresh, seq, page);
                await me.Ask(Vm, Op.UnlockExclusive);
                if (mapped == 1) break;
                Retries++;
            }
        }
    }

    private async Task Puncher(Client me)
    {
        for (var hole = 0; hole < size.K; hole++)
        {
            await me.Ask(Inode, Op.LockExclusive);
            await me.Ask(Vm, Op.LockExclusive);
            await me.Ask(Vm, Op.InvalidateBegin);
            await me.Ask(Vm, Op.Unmap);
            await me.Ask(Vm, Op.UnlockExclusive);
            await me.Ask(Rmp, Op.Release);
            await me.Ask(Inode, Op.Truncate);
            await me.Ask(Vm, Op.LockExclusive);
            await me.Ask(Vm, Op.InvalidateEnd);
            await me.Ask(Vm, Op.UnlockExclusive);
            await me.Ask(Inode, Op.UnlockExclusive);
        }
    }
}
