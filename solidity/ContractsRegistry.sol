// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of a transparency log's checkpoints and of contracts' status.
/// @notice Keeps one head (sequence, size, root) of an RFC 9162 log and refuses any checkpoint that does not
/// extend it, so that nobody, the log's operator included, can shorten, reorder or fork recorded history.
/// Beside it stands one status word a contract, which storage proofs can show offline.
/// @dev No proxy, no owner's back door: the code hash at this address is what verifiers pin.
/// Storage layout (relied upon by offline proofs): 0 statusWords, 1 sequence | size | paused, 2 root,
/// 3 roles, 4 admin, 5 pendingAdmin. The word of key k is at keccak256(k . uint256(0)).
contract ContractsRegistry {
    /// @notice May anchor checkpoints.
    uint8 public constant ANCHOR = 1;
    /// @notice May set status words.
    uint8 public constant STATUS = 2;

    /// @notice Codes of a status word; any word above 255 is the leaf hash of a successor (superseded).
    uint8 public constant NONE = 0;
    uint8 public constant IN_FORCE = 1;
    uint8 public constant SUPERSEDED = 2;
    uint8 public constant TERMINATED = 3;
    uint8 public constant SUSPENDED = 4;

    mapping(bytes32 key => bytes32 word) private _statusWords;
    uint64 private _sequence;
    uint64 private _size;
    bool private _paused;
    bytes32 private _root;
    mapping(address account => uint8 mask) private _roles;
    address private _admin;
    address private _pendingAdmin;

    /// @notice A checkpoint was accepted.
    event Anchored(uint64 indexed sequence, uint64 size, bytes32 root);
    /// @notice A contract's status changed; `successor` is zero unless superseded.
    event StatusChanged(bytes32 indexed key, uint8 status, bytes32 successor);
    event RoleGranted(uint8 indexed role, address indexed account);
    event RoleRevoked(uint8 indexed role, address indexed account);
    event AdminOffered(address indexed from, address indexed to);
    event AdminChanged(address indexed from, address indexed to);
    event PauseChanged(bool paused);

    error RoleError(address account, uint8 role);
    error AdminError(address account);
    error UnknownRoleError(uint8 role);
    error ZeroAddressError();
    error PausedError();
    error SequenceError(uint64 expected, uint64 given);
    error SizeError(uint64 held, uint64 given);
    error ZeroRootError();
    error ConsistencyError(uint64 heldSize, bytes32 heldRoot, uint64 givenSize, bytes32 givenRoot);
    error StatusError(bytes32 key, uint8 from, uint8 to);
    error SuccessorError(bytes32 key, uint8 status, bytes32 successor);

    modifier onlyAdmin() {
        if (msg.sender != _admin) revert AdminError(msg.sender);
        _;
    }

    /// @param firstAdmin Holds the roles' keys; hand-over takes two steps.
    /// @param anchorer First account with ANCHOR.
    /// @param statusKeeper First account with STATUS.
    constructor(address firstAdmin, address anchorer, address statusKeeper) {
        if (firstAdmin == address(0)) revert ZeroAddressError();
        _admin = firstAdmin;
        emit AdminChanged(address(0), firstAdmin);
        _grant(ANCHOR, anchorer);
        _grant(STATUS, statusKeeper);
    }

    /// @notice Accept the next checkpoint of the log.
    /// @dev Requirements: caller has ANCHOR; not paused; `sequence` is the head's plus one; `size` grows;
    /// `root` is not zero; `consistencyProof` shows by RFC 9162 section 2.1.4.2 that the tree of `size`
    /// leaves begins with the head's leaves. The first checkpoint takes an empty proof.
    function anchor(uint64 sequence, uint64 size, bytes32 root, bytes32[] calldata consistencyProof) external {
        if (_roles[msg.sender] & ANCHOR == 0) revert RoleError(msg.sender, ANCHOR);
        (uint64 heldSequence, uint64 heldSize, bool isPaused) = (_sequence, _size, _paused);
        if (isPaused) revert PausedError();
        if (heldSequence == type(uint64).max || sequence != heldSequence + 1) {
            revert SequenceError(heldSequence + 1, sequence);
        }
        if (size <= heldSize) revert SizeError(heldSize, size);
        if (root == 0) revert ZeroRootError();
        bytes32 heldRoot = _root;
        bool extended = heldSize == 0
            ? consistencyProof.length == 0
            : _extends(heldSize, heldRoot, size, root, consistencyProof);
        if (!extended) revert ConsistencyError(heldSize, heldRoot, size, root);
        (_sequence, _size, _root) = (sequence, size, root);
        emit Anchored(sequence, size, root);
    }

    /// @notice Record how a contract stands.
    /// @dev Requirements: caller has STATUS; not paused; a key's first status is IN_FORCE; a suspended
    /// contract may return to force; a superseded one may only be terminated; nothing leaves TERMINATED;
    /// `successor` is given exactly with SUPERSEDED, exceeds 255 and is not the key itself.
    function setStatus(bytes32 key, uint8 status, bytes32 successor) external {
        if (_roles[msg.sender] & STATUS == 0) revert RoleError(msg.sender, STATUS);
        if (_paused) revert PausedError();
        uint8 from = _code(_statusWords[key]);
        if (!_mayFollow(from, status)) revert StatusError(key, from, status);
        bool named = status == SUPERSEDED;
        if (named ? uint256(successor) <= 0xff || successor == key : successor != 0) {
            revert SuccessorError(key, status, successor);
        }
        _statusWords[key] = named ? successor : bytes32(uint256(status));
        emit StatusChanged(key, status, successor);
    }

    /// @notice The newest checkpoint; all zero before the first.
    function head() external view returns (uint64 sequence, uint64 size, bytes32 root) {
        return (_sequence, _size, _root);
    }

    /// @notice A contract's status and, if superseded, its successor.
    function statusOf(bytes32 key) external view returns (uint8 status, bytes32 successor) {
        bytes32 word = _statusWords[key];
        status = _code(word);
        successor = status == SUPERSEDED ? word : bytes32(0);
    }

    function hasRole(uint8 role, address account) external view returns (bool) {
        return _roles[account] & role != 0;
    }

    function admin() external view returns (address current, address pending) {
        return (_admin, _pendingAdmin);
    }

    function paused() external view returns (bool) {
        return _paused;
    }

    /// @notice Give one role to an account. Requirements: caller is the admin; the role exists.
    function grant(uint8 role, address account) external onlyAdmin {
        _grant(role, account);
    }

    /// @notice Take one role from an account. Requirements: caller is the admin; the role exists.
    function revoke(uint8 role, address account) external onlyAdmin {
        if (role != ANCHOR && role != STATUS) revert UnknownRoleError(role);
        _roles[account] &= ~role;
        emit RoleRevoked(role, account);
    }

    /// @notice First step of the hand-over; offering zero withdraws the offer.
    function offerAdmin(address to) external onlyAdmin {
        _pendingAdmin = to;
        emit AdminOffered(msg.sender, to);
    }

    /// @notice Second step: the new admin shows that it holds its key.
    function acceptAdmin() external {
        if (msg.sender != _pendingAdmin) revert AdminError(msg.sender);
        emit AdminChanged(_admin, msg.sender);
        _admin = msg.sender;
        _pendingAdmin = address(0);
    }

    /// @notice Stop or resume writing; reading never stops.
    function setPaused(bool stop) external onlyAdmin {
        _paused = stop;
        emit PauseChanged(stop);
    }

    function _grant(uint8 role, address account) private {
        if (role != ANCHOR && role != STATUS) revert UnknownRoleError(role);
        if (account == address(0)) revert ZeroAddressError();
        _roles[account] |= role;
        emit RoleGranted(role, account);
    }

    function _code(bytes32 word) private pure returns (uint8) {
        return uint256(word) > 0xff ? SUPERSEDED : uint8(uint256(word));
    }

    function _mayFollow(uint8 from, uint8 to) private pure returns (bool) {
        if (from == NONE) return to == IN_FORCE;
        if (from == IN_FORCE) return to == SUPERSEDED || to == TERMINATED || to == SUSPENDED;
        if (from == SUSPENDED) return to == IN_FORCE || to == SUPERSEDED || to == TERMINATED;
        return from == SUPERSEDED && to == TERMINATED;
    }

    /// @dev RFC 9162 section 2.1.4.2 for 0 < first < second, variables named as there.
    function _extends(uint64 first, bytes32 firstRoot, uint64 second, bytes32 secondRoot, bytes32[] calldata path)
        private
        view
        returns (bool)
    {
        unchecked {
            uint256 i = 0;
            bytes32 fr = firstRoot;
            if (first & (first - 1) != 0) {
                if (path.length == 0) return false;
                fr = path[i++];
            }
            bytes32 sr = fr;
            uint256 fn = first - 1;
            uint256 sn = second - 1;
            for (; fn & 1 == 1; fn >>= 1) sn >>= 1;
            for (; i < path.length; ++i) {
                if (sn == 0) return false;
                bytes32 c = path[i];
                if (fn & 1 == 1 || fn == sn) {
                    fr = _node(c, fr);
                    sr = _node(c, sr);
                    for (; fn != 0 && fn & 1 == 0; fn >>= 1) sn >>= 1;
                } else {
                    sr = _node(sr, c);
                }
                fn >>= 1;
                sn >>= 1;
            }
            return sn == 0 && fr == firstRoot && sr == secondRoot;
        }
    }

    /// @dev SHA-256(0x01 . left . right) by the precompile at 2, written past the free memory pointer.
    function _node(bytes32 left, bytes32 right) private view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore8(at, 1)
            mstore(add(at, 1), left)
            mstore(add(at, 33), right)
            if iszero(staticcall(gas(), 2, at, 65, 0, 32)) { revert(0, 0) }
            digest := mload(0)
        }
    }
}
